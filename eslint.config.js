import config from '@gomind/eslint-config';

export default [...config, { languageOptions: { parserOptions: { tsconfigRootDir: import.meta.dirname } } }];
