import pluginVue from 'eslint-plugin-vue'
import vueA11y from 'eslint-plugin-vuejs-accessibility'
import globals from 'globals'
import tseslint from 'typescript-eslint'

/** `folders` may not import from `forbidden`: the same one-way rule as on the server. */
const layer = (folder, forbidden) => ({
  files: [`src/${folder}/**/*.{ts,vue}`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        regex: `^(@/|(\\.\\./)+)(${forbidden.join('|')})(/|$)`,
        message: `${folder}/ knows nothing of ${forbidden.join('/, ')}/.`,
      }],
    }],
  },
})

export default tseslint.config(
  { ignores: ['node_modules', 'src/contract'] },
  ...tseslint.configs.recommended,
  ...tseslint.configs.stylistic,
  ...pluginVue.configs['flat/recommended'],
  ...vueA11y.configs['flat/recommended'],
  {
    languageOptions: {
      globals: { ...globals.browser },
      // Without Vue 2's filters a bar in a template is TypeScript's union.
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'], vueFeatures: { filter: false } },
    },
    rules: {
      'max-lines': ['error', { max: 400 }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // The compiler judges undefined names, with types.
      'no-undef': 'off',
      'no-restricted-imports': ['error', { patterns: [] }],
      'vue/multi-word-component-names': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-emits-declaration': ['error', 'type-based'],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/no-v-html': 'error',
      // Layout of a line is taste; these two cost more than they give.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always', normal: 'always', component: 'always' } }],
      // A missing optional prop is undefined, as the types say.
      'vue/require-default-prop': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      // A label names its control by nesting or by id; either is enough.
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  { files: ['src/**/*.vue'], ignores: ['src/**/*.test.ts'], rules: { 'max-lines': ['error', { max: 250 }] } },
  { files: ['scripts/**', '*.js', '*.ts', 'build/**'], languageOptions: { globals: { ...globals.node } } },
  // This rule takes the kit's Select and TextArea for bare elements; axe judges the names, and screens use the kit.
  { rules: { 'vuejs-accessibility/form-control-has-label': 'off' } },
  {
    files: ['src/{features,apps}/**/*.vue'],
    rules: {
      'vue/no-restricted-html-elements': ['error',
        { element: ['textarea', 'select'], message: 'The kit has TextArea, Select and Combobox.' },
        { element: 'dialog', message: 'The kit has Dialog, AlertDialog and Sheet.' }],
    },
  },
  layer('ui', ['features', 'apps', 'contract']),
  layer('shared', ['features', 'apps', 'ui']),
  layer('features', ['apps']),
)
