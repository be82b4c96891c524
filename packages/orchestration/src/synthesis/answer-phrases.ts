/**
 * The fixed words of answers that no model writes, in the language of the request where the house knows it. What components say,
 * and what failed, is told in their own words.
 *
 * @module
 */
import { languageOf } from './language-of.ts';

/** The fixed words of an answer. */
export interface AnswerPhrases {
  /** A sentence for a run in which no step found anything. */
  readonly noAnswer: string;
  /** Heading of the list of what failed. */
  readonly notDone: string;
  /** Behind an answer that a model could not end, after `...`. */
  readonly cutOff: string;
  /** A sentence before the reason why there is no plan, which is in English when no model gave it. Default: none. */
  readonly noPlan?: string;
  /** Before the names of the components that there are. */
  readonly components: string;
  /** Behind the names, when there are more; `{count}` stands for how many. */
  readonly more: string;
}

/** The words for a request; undefined leaves them to the house. An application may bring its own as the dependency `phrases`. */
export type PhraseBook = (request: string) => AnswerPhrases | undefined;

const english: AnswerPhrases = {
  noAnswer: 'No step gave an answer.',
  notDone: 'What could not be done:',
  cutOff: '(the answer was cut off here)',
  components: 'Available components:',
  more: 'and {count} more',
};

const byLanguage: Readonly<Record<string, AnswerPhrases>> = {
  en: english,
  de: {
    noAnswer: 'Kein Schritt hat eine Antwort ergeben.',
    notDone: 'Was nicht möglich war:',
    cutOff: '(hier bricht die Antwort ab)',
    noPlan: 'Das lässt sich mit den vorhandenen Komponenten nicht erledigen.',
    components: 'Verfügbare Komponenten:',
    more: 'und {count} weitere',
  },
  fr: {
    noAnswer: 'Aucune étape n’a donné de réponse.',
    notDone: 'Ce qui n’a pas pu être fait :',
    cutOff: '(la réponse s’interrompt ici)',
    noPlan: 'Les composants disponibles ne permettent pas de le faire.',
    components: 'Composants disponibles :',
    more: 'et {count} autres',
  },
  es: {
    noAnswer: 'Ningún paso ha dado una respuesta.',
    notDone: 'Lo que no se pudo hacer:',
    cutOff: '(la respuesta se interrumpe aquí)',
    noPlan: 'No es posible hacerlo con los componentes disponibles.',
    components: 'Componentes disponibles:',
    more: 'y {count} más',
  },
  it: {
    noAnswer: 'Nessun passaggio ha dato una risposta.',
    notDone: 'Che cosa non è stato possibile:',
    cutOff: '(la risposta si interrompe qui)',
    noPlan: 'Non è possibile farlo con i componenti disponibili.',
    components: 'Componenti disponibili:',
    more: 'e altri {count}',
  },
  pt: {
    noAnswer: 'Nenhuma etapa deu uma resposta.',
    notDone: 'O que não foi possível fazer:',
    cutOff: '(a resposta foi interrompida aqui)',
    noPlan: 'Não é possível fazê-lo com os componentes disponíveis.',
    components: 'Componentes disponíveis:',
    more: 'e mais {count}',
  },
  nl: {
    noAnswer: 'Geen enkele stap gaf een antwoord.',
    notDone: 'Wat niet is gelukt:',
    cutOff: '(het antwoord breekt hier af)',
    noPlan: 'Dit kan niet met de beschikbare componenten.',
    components: 'Beschikbare componenten:',
    more: 'en nog {count}',
  },
  pl: {
    noAnswer: 'Żaden krok nie dał odpowiedzi.',
    notDone: 'Czego nie udało się zrobić:',
    cutOff: '(odpowiedź została tu urwana)',
    noPlan: 'Nie da się tego zrobić za pomocą dostępnych komponentów.',
    components: 'Dostępne komponenty:',
    more: 'i jeszcze {count}',
  },
  tr: {
    noAnswer: 'Hiçbir adım yanıt vermedi.',
    notDone: 'Yapılamayanlar:',
    cutOff: '(yanıt burada kesildi)',
    noPlan: 'Bu, mevcut bileşenlerle yapılamaz.',
    components: 'Kullanılabilir bileşenler:',
    more: 've {count} tane daha',
  },
  ru: {
    noAnswer: 'Ни один шаг не дал ответа.',
    notDone: 'Что не удалось сделать:',
    cutOff: '(ответ здесь обрывается)',
    noPlan: 'Это невозможно сделать с имеющимися компонентами.',
    components: 'Доступные компоненты:',
    more: 'и ещё {count}',
  },
  ja: {
    noAnswer: 'どの手順からも回答は得られませんでした。',
    notDone: '実行できなかったこと：',
    cutOff: '（回答はここで途切れました）',
    noPlan: '利用できるコンポーネントでは実行できません。',
    components: '利用できるコンポーネント：',
    more: '他{count}件',
  },
  ko: {
    noAnswer: '어느 단계에서도 답을 얻지 못했습니다.',
    notDone: '수행하지 못한 작업:',
    cutOff: '(답변이 여기서 끊겼습니다)',
    noPlan: '사용할 수 있는 구성 요소로는 할 수 없습니다.',
    components: '사용할 수 있는 구성 요소:',
    more: '외 {count}개',
  },
  zh: {
    noAnswer: '没有任何步骤给出答案。',
    notDone: '未能完成的部分：',
    cutOff: '（回答在此中断）',
    noPlan: '现有组件无法完成此请求。',
    components: '可用组件：',
    more: '等另外 {count} 个',
  },
};

/** The house's own words: German, French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish, Russian, Japanese, Korean, Chinese, else English. */
export function phrasesFor(request: string): AnswerPhrases {
  return byLanguage[languageOf(request)] ?? english;
}

/** A book that always has words: the application's, else the house's. */
export function phraseBook(own: PhraseBook | undefined): (request: string) => AnswerPhrases {
  return (request) => own?.(request) ?? phrasesFor(request);
}
