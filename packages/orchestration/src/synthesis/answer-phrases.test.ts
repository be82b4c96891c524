import { describe, expect, it } from 'vitest';
import { phraseBook, phrasesFor } from './answer-phrases.ts';
import { languageOf } from './language-of.ts';

describe('the language of a request', () => {
  it.each([
    ['What is the weather in Berlin?', 'en'],
    ['Convert 250 USD to EUR', 'en'],
    ['Wie ist das Wetter in Berlin?', 'de'],
    ['Rechne 250 USD bitte in Euro um', 'de'],
    ['Quel temps fait-il à Paris ?', 'fr'],
    ['Combien coûte une action de Tesla ?', 'fr'],
    ['¿Qué tiempo hace en Madrid?', 'es'],
    ['¿Cuánto cuesta una acción de Tesla?', 'es'],
    ['Che tempo fa a Roma?', 'it'],
    ['Qual é a previsão do tempo em Lisboa?', 'pt'],
    ['Wat is het weer in Amsterdam?', 'nl'],
    ['Jaka jest pogoda w Warszawie?', 'pl'],
    ['Ankara için hava durumu nedir?', 'tr'],
    ['Какая погода в Москве?', 'ru'],
    ['東京の天気はどうですか', 'ja'],
    ['서울 날씨 어때?', 'ko'],
    ['北京天气怎么样？', 'zh'],
  ])('of "%s" is %s', (request, language) => {
    expect(languageOf(request)).toBe(language);
  });

  it.each([
    'Tesla',
    '',
    '42',
    'Яка погода в Києві?',
    'Die Hard',
    'Translate "Wie geht es dir?" to French and tell me what it is',
  ])('of "%s" is English, because it is not clear or not known', (request) => {
    expect(languageOf(request)).toBe('en');
  });
});

describe('the fixed words of an answer', () => {
  it('are those of the language', () => {
    expect(phrasesFor('Wie ist das Wetter in Berlin?').noAnswer).toBe('Kein Schritt hat eine Antwort ergeben.');
    expect(phrasesFor('What is the weather?').noAnswer).toBe('No step gave an answer.');
  });

  it("are the application's own where it has any", () => {
    const own = { ...phrasesFor(''), noAnswer: 'Ingen svar.' };
    const book = phraseBook((request) => (request.includes('vejret') ? own : undefined));
    expect(book('Hvordan er vejret?').noAnswer).toBe('Ingen svar.');
    expect(book('Wie ist das Wetter?').noAnswer).toBe('Kein Schritt hat eine Antwort ergeben.');
  });
});
