import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GomindError } from '../errors/gomind-error.ts';
import { createRecordingLogger } from '../testing/recorders.ts';
import { protectSecret } from './protected-values.ts';
import { redact } from './redact.ts';
import { redactingLogger } from '../local/redacting-logger.ts';
import { redactText } from './redact-text.ts';
import { isSecretName } from './secret-names.ts';
import { TextGuard } from './text-guard.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Put together here, so that no scanner takes them for real ones. */
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0In0', 'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'].join('.');
const pem = ['-----BEGIN RSA PRIVATE', 'KEY-----\nMIIEow+planted/base64==\n-----END RSA PRIVATE', 'KEY-----'].join(' ');
const keys: Readonly<Record<string, string>> = {
  OpenAI: ['sk', 'proj', 'Ab3dEf6hIj9kLmN0pQrStUv'].join('-'),
  Anthropic: ['sk', 'ant', 'api03', 'abcdefghijklmnop'].join('-'),
  GitHub: ['ghp', 'a1B2'.repeat(9)].join('_'),
  'GitHub, fine-grained': ['github_pat', '11ABCDEFG0', 'abcdefghijklmnop'].join('_'),
  GitLab: ['glpat', 'x1y2z3w4v5u6t7s8'].join('-'),
  Slack: ['xoxb', '123456789012', 'abcdefghijkl'].join('-'),
  AWS: ['AKIA', 'IOSFODNN7EXAMPLE'].join(''),
  Google: ['AIza', 'SyA1b2C3d4E5'.repeat(3)].join(''),
  SendGrid: ['SG', 'abcdefghijklmnop1', 'qrstuvwxyz0123456'].join('.'),
  Stripe: ['sk', 'live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_'),
  npm: ['npm', 'a1B2c3D4e5'.repeat(3)].join('_'),
  Telegram: ['123456789', `AA${'abcdefghijk'.repeat(3)}`].join(':'),
  JWT: jwt,
  'private key': pem,
};

describe('redactText', () => {
  describe.each(Object.entries(keys))('takes out a key of %s', (_maker, key) => {
    it.each([
      ['alone', (text: string) => text],
      ['in a sentence', (text: string) => `The key ${text} was refused.`],
      ['in JSON', (text: string) => JSON.stringify({ note: `line\n${text}`, list: [text] })],
      ['in JSON inside JSON', (text: string) => JSON.stringify(JSON.stringify([`\n${text}`]))],
      ['in a list', (text: string) => `a,${text};b (${text}) <${text}> "${text}" '${text}'`],
      ['in a URL', (text: string) => `https://shop.example/a/${text}?q=${text}#${text}`],
      ['percent-encoded', (text: string) => `next=%20${encodeURIComponent(text)}`],
      ['coloured', (text: string) => `\u001b[31m${text}\u001b[0m`],
    ])('%s', (_where, put) => {
      const clean = redactText(put(key));
      for (const part of key.split(/[\s.]/).filter((piece) => piece.length >= 12 && !piece.includes('---'))) {
        expect(clean).not.toContain(part);
      }
      expect(clean).toContain('[redacted]');
    });
  });

  it.each([
    ['Authorization: Bearer abcdefghij', 'Authorization: [redacted]'],
    ['sent Bearer some-secret-token today', 'sent Bearer [redacted] today'],
    ['got "Bearer 0123456789abcdef" back', 'got "Bearer [redacted]" back'],
    [`Basic ${Buffer.from('user:hunter2').toString('base64')} was sent`, 'Basic [redacted] was sent'],
    ['x-api-key: planted99\nhost: a', 'x-api-key: [redacted]\nhost: a'],
    ['Cookie: sid=abc; theme=dark', 'Cookie: [redacted]'],
    ['password=hunter2&user=ada', 'password=[redacted]&user=ada'],
    ['https://a.example/?access_token=abc&page=2', 'https://a.example/?access_token=[redacted]&page=2'],
    ['https://maps.example/?key=a1b2c3d4e5f6&z=3', 'https://maps.example/?key=[redacted]&z=3'],
    ['run --api-key abcd --verbose', 'run --api-key [redacted] --verbose'],
    ["{ apiKey: 'abc', user: 'ada' }", "{ apiKey: '[redacted]', user: 'ada' }"],
    ['The API key: planted-77.', 'The API key: [redacted].'],
    ['API   key = planted-77', 'API   key = [redacted]'],
    ['API\tkey=planted-77', 'API\tkey=[redacted]'],
    ['password: correcthorse', 'password: [redacted]'],
    ['redis://user:p@ss@localhost:6379/0', 'redis://[redacted]@localhost:6379/0'],
    ['AccountKey=abc+/==;Endpoint=b', 'AccountKey=[redacted];Endpoint=b'],
    ['{"user":"ada","password":"x\\"y","n":1}', '{"user":"ada","password":"[redacted]","n":1}'],
    ['say {"api_key": 12345, "b": 2}', 'say {"api_key": "[redacted]", "b": 2}'],
    ['{"credentials":{"a":"}","b":[1]},"c":3}', '{"credentials":"[redacted]","c":3}'],
    [
      JSON.stringify(JSON.stringify({ token: 'abc', ok: 1 })),
      JSON.stringify(JSON.stringify({ token: '[redacted]', ok: 1 })),
    ],
    ['{"password":"cut off in the mid', '{"password":"[redacted]"'],
  ])('takes the secret out of %j', (text, clean) => {
    expect(redactText(text)).toBe(clean);
    expect(redactText(clean)).toBe(clean);
  });

  it.each([
    'The token: a short history of coins',
    'Unexpected token } in JSON at position 5',
    'Unexpected token: "," in line 3',
    'Tokens: 512 in, 40 out; max_tokens=4096, token_type: bearer',
    'Password: must have 8 characters or more',
    'bearer token-based login with a Bearer certificate',
    'A bearer certificate, and basic understanding of token economics',
    'The API key: use the console to make one',
    'shop.order wants credentials (401): {"message":"Sign in first"}',
    'no token {"reason":"expired yesterday"}',
    'MODEL_AUTH: set OPENAI_API_KEY, or pass an apiKey',
    'Set apiKey: ${secrets.SHOP_KEY}, or api_key=${env.KEY}',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'commit 7986438735280cedb947fac9b1eb384989a5f04c',
    'run-3f2504e0-4f89-41d3-9a0c-0305e82c3301 ended',
    'npm_config_registry and hf_transformers_library',
    'locale sk-SK, task-force-2024-planning, asterisk-12345678',
    'https://example.com/path?key=customers&email=a@b.example#sig',
    'mail ada@example.com about ssh keys and the primary key: order_2024_id',
    'gen_ai.token.type and gen_ai.usage.input_tokens',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB',
    'if (token === expected || secret::value) {}',
    'Der Schlüssel: 鍵 — ключ',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('leaves hashes, ids, dates, numbers and words alone', () => {
    const hex = fc.string({
      unit: fc.constantFrom('0', '1', '7', '9', 'a', 'b', 'e', 'f'),
      minLength: 32,
      maxLength: 64,
    });
    const word = fc.string({
      unit: fc.constantFrom('a', 'e', 'k', 'n', 'o', 's', 't', 'y'),
      minLength: 1,
      maxLength: 12,
    });
    const part = fc.oneof(
      hex,
      fc.uuid(),
      word,
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join(' ');
        expect(redactText(text)).toBe(text);
        expect(redactText(JSON.stringify({ parts }))).toBe(JSON.stringify({ parts }));
      }),
    );
  });

  it('finds a key wherever it stands between other text', () => {
    const around = fc.string({ unit: 'grapheme', maxLength: 40 });
    const separator = fc.constantFrom(' ', '\n', '\t', ',', ';', '(', '"', "'", '=', '/', '|', '>');
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(keys)), around, separator, around, (key, before, mark, after) => {
        expect(redactText(`${before}${mark}${key}${mark}${after}`)).not.toContain(key);
      }),
    );
  });

  it('takes time in proportion to the text, whatever the text is', () => {
    const hostile = [
      'eyJ',
      'eyJaaaaa.',
      'sk-',
      'sk-a',
      'a://',
      'a:a',
      'a@',
      '"a":',
      '\\"token\\":',
      'token:',
      'token=',
      'SG.',
      'password: ',
      'Bearer ',
      '-----BEGIN PRIVATE KEY-----',
      '?key=',
      '1',
      'aA',
      '-',
      '--token ',
      '\\',
      '"',
      '"token":{',
      "apiKey:'",
      'x.',
    ];
    // The processor's time, so that nothing depends on what else a machine has to do.
    const millisecondsOf = (text: string): number => {
      const from = process.cpuUsage();
      redactText(text);
      return process.cpuUsage(from).user / 1_000;
    };
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(200_000 / piece.length));
      millisecondsOf(text);
      // Quadratic work on 200,000 characters takes minutes.
      expect(millisecondsOf(text), piece).toBeLessThan(5_000);
    }
  });
});

describe('isSecretName', () => {
  it.each([
    'apiKey',
    'API_KEY',
    'x-api-key',
    'openaiApiKey',
    'password',
    'userPassword',
    'passwd',
    'client_secret',
    'accessToken',
    'token',
    'authToken2',
    'Authorization',
    'proxy-authorization',
    'Set-Cookie',
    'credentials',
    'privateKey',
    'APIKey',
    'jwt',
    'db.password',
    'SECRET',
    'passwordHash',
    'accesstoken',
  ])('knows %s', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    'tokens',
    'maxTokens',
    'inputTokens',
    'tokenCount',
    'token_type',
    'gen_ai.token.type',
    'tokenizer',
    'secretary',
    'key',
    'primaryKey',
    'idempotency-key',
    'publicKey',
    'keyword',
    'monkey',
    'author',
    'passenger',
    'cookieName',
    'compass',
    '',
  ])('does not take %j for one', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('protectSecret', () => {
  it('keeps a value out in every form, and leaves short ones alone', () => {
    const secret = 'pl"nted/käy value';
    protectSecret(secret);
    protectSecret('short');
    protectSecret('changeme');
    const forms = [
      secret,
      JSON.stringify({ a: secret }),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ];
    for (const form of forms) expect(redactText(`a ${form} b`)).toMatch(/^a .*\[redacted\].* b$/);
    expect(redactText('a short story: changeme')).toBe('a short story: changeme');
  });

  it('is bounded', () => {
    const name = (index: number): string => `protected-value-${String(index)}-x`;
    for (let index = 0; index < 1_000; index++) protectSecret(name(index));
    expect(redactText(`${name(0)} ${name(999)}`)).toBe(`${name(0)} [redacted]`);
  });
});

describe('redact', () => {
  it('hides what is under secret names, in URLs, and the secrets themselves', () => {
    const safe = redact(
      {
        Authorization: 'Bearer abc',
        nested: { api_key: 'k', password: 'p', inputTokens: 12, hasToken: true },
        url: 'redis://user:hunter2@localhost:6379/0',
        text: 'the key is s3cr3t-value here',
      },
      ['s3cr3t-value'],
    );
    const text = JSON.stringify(safe);
    for (const secret of ['abc', '"k"', '"p"', 'hunter2', 's3cr3t-value']) expect(text).not.toContain(secret);
    expect(safe).toMatchObject({ nested: { inputTokens: 12, hasToken: true } });
  });

  it('takes further names on request', () => {
    const text = '{"max_tokens": 5, "Salary": 7}';
    expect(redact(text, { fields: ['salary'] })).toBe('{"max_tokens": 5, "Salary": "[redacted]"}');
    expect(redact({ salary: 7 }, { fields: ['Salary'] })).toEqual({ salary: '[redacted]' });
  });

  it('looks into errors: message, code, details, cause and stack', () => {
    const key = keys['OpenAI'] ?? '';
    const cause = Object.assign(new Error(`inner ${key}`), { name: `Error of ${key}` });
    const error = new GomindError({ code: 'X', message: `outer ${key}`, details: { seen: [key], apiKey: 'k' }, cause });
    expect(JSON.stringify(redact({ error }))).not.toContain(key);
    expect(redact(error)).toMatchObject({ message: 'outer [redacted]', details: { apiKey: '[redacted]' } });
  });

  it('shows no half of a secret where a text is cut', () => {
    const key = `AIza${'x'.repeat(36)}`;
    const shown = String(
      redact(`${`${key} `.repeat(100)}${'a'.repeat(3_000)} ${key.repeat(60)}`, { maxTextLength: 4_096 }),
    );
    expect(shown).not.toContain('AIza');
  });

  it('makes any value fit for JSON, bounded', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withObjectString: true,
          withTypedArray: true,
        }),
        (value) => {
          JSON.stringify(redact(value));
        },
      ),
    );
    expect(JSON.stringify(redact('x'.repeat(100_000))).length).toBeLessThan(5_000);
    expect((redact(Array.from({ length: 1_000 }, (_, index) => index)) as unknown[]).length).toBe(100);
  });
});

describe('withoutSecrets', () => {
  it('hands back the same value where there is no secret, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!/token|secret|key|pass|pwd|cred|auth|cookie|jwt|bearer|basic/i.test(JSON.stringify(value)));
        expect(withoutSecrets(value)).toBe(value);
      }),
    );
  });

  it('copies only the way to a secret', () => {
    const clean = { a: [1] };
    const value = {
      clean,
      steps: [{ output: `is ${keys['AWS'] ?? ''}` }, clean],
      password: 'p',
      ref: { apiKey: '${secrets.A}' },
    };
    const safe = withoutSecrets(value);
    expect(safe).toEqual({
      clean,
      steps: [{ output: 'is [redacted]' }, clean],
      password: '[redacted]',
      ref: { apiKey: '${secrets.A}' },
    });
    expect(safe.clean).toBe(clean);
    expect(safe.ref).toBe(value.ref);
    expect(value.password).toBe('p');
  });

  it('takes out only protected values where a result belongs to its caller', () => {
    protectSecret('the-configured-key');
    const value = { password: 'p', key: keys['AWS'], echo: 'said the-configured-key' };
    expect(withoutSecrets(value, { onlyProtected: true })).toEqual({ ...value, echo: 'said [redacted]' });
  });

  it('keeps the class of an error, and cleans its message, fields, cause and stack', () => {
    class ShopError extends Error {
      readonly apiKey = 'k';
      readonly status = 401;
    }
    const error = new ShopError(`no ${keys['GitHub'] ?? ''}`, { cause: new Error(keys['Slack']) });
    const safe = withoutSecrets(error);
    expect(safe).toBeInstanceOf(ShopError);
    expect(safe).toMatchObject({ message: 'no [redacted]', status: 401, apiKey: '[redacted]' });
    expect((safe.cause as Error).message).toBe('[redacted]');
    expect(`${String(safe.stack)} ${String((safe.cause as Error).stack)}`).not.toMatch(/ghp_|xoxb/);
    const gomind = withoutSecrets(new GomindError({ code: 'X', message: jwt, isRetryable: true }));
    expect(GomindError.isInstance(gomind, 'X')).toBe(true);
    const harmless = new Error('harmless');
    expect(withoutSecrets(harmless)).toBe(harmless);
  });

  it('ends where an object holds itself', () => {
    const value: Record<string, unknown> = { a: 1 };
    value['self'] = value;
    expect(withoutSecrets(value)).toEqual({ a: 1, self: '[circular]' });
  });
});

describe('TextGuard', () => {
  const shownOf = (pieces: readonly string[]): string[] => {
    const guard = new TextGuard();
    return [...pieces.map((piece) => guard.push(piece)), guard.end()];
  };

  it('finds a key that lies across pieces, wherever it was cut', () => {
    const around = fc.constantFrom('', 'The key is ', 'Say: ', '\n', 'password: ', 'Bearer ');
    const key = fc.constantFrom(...Object.values(keys).filter((each) => !/\s/.test(each)), 'hunter2-hunter2');
    fc.assert(
      fc.property(around, key, fc.array(fc.nat(60), { maxLength: 6 }), (before, secret, cuts) => {
        const text = `${before}${secret} and more`;
        const places = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b);
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(shownOf(pieces).join('')).toBe(redactText(text));
      }),
    );
  });

  it('lets words of sentences pass at once', () => {
    expect(shownOf(['It is wa', 'rm in Par', 'is.', ' Tell ', 'me'])).toEqual([
      'It is wa',
      'rm in Par',
      'is.',
      ' Tell ',
      'me',
      '',
    ]);
  });
});

describe('redactingLogger', () => {
  it('hands records on without secrets, errors as errors, and wraps once', () => {
    const target = createRecordingLogger();
    const logger = redactingLogger(target);
    expect(redactingLogger(logger)).toBe(logger);
    const error = new Error(`refused ${keys['GitHub'] ?? ''}`);
    logger.child({ apiKey: 'k', service: 'shop' }).warn(`with ${jwt}`, { password: 'p', error });
    const text = JSON.stringify(target.records);
    for (const secret of [jwt, '"k"', '"p"']) expect(text).not.toContain(secret);
    const [record] = target.records;
    expect(record).toMatchObject({ message: 'with [redacted]', fields: { service: 'shop' } });
    expect(record?.fields['error']).toMatchObject({ message: 'refused [redacted]' });
    expect(record?.fields['error']).toBeInstanceOf(Error);
  });

  it.each([undefined, null, 'stderr', console])('refuses what is no logger: %o', (logger) => {
    expect(() => redactingLogger(logger as never)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('must be a Logger') as string,
      }),
    );
  });

  it('leaves it to a logger what its children are', () => {
    const target = { ...createRecordingLogger(), child: () => console as never };
    expect(() => redactingLogger(target).child({})).not.toThrow();
  });
});
