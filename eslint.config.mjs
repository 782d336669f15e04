import {createRequire} from "node:module";

// Lint keeps its tools outside of the project: NODE_PATH, which only require() reads.
const require = createRequire(import.meta.url);
const js = require("@eslint/js");
const globals = require("globals");

export default [
    {linterOptions: {reportUnusedDisableDirectives: "error"}},
    js.configs.recommended,
    {
        languageOptions: {ecmaVersion: 2024, sourceType: "module"},
        rules: {
            complexity: ["error", 16],
            eqeqeq: "error",
            "max-len": [
                "error",
                {code: 88, ignoreStrings: true, ignoreTemplateLiterals: true},
            ],
            "no-alert": "error",
            "no-console": "error",
            "no-duplicate-imports": "error",
            "no-else-return": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-shadow": "error",
            "no-throw-literal": "error",
            "no-unneeded-ternary": "error",
            "no-use-before-define": ["error", {functions: false}],
            "no-var": "error",
            "object-shorthand": "error",
            "prefer-const": "error",
            radix: "error",
        },
    },
    {
        files: ["addons/**/*.js"],
        languageOptions: {
            globals: {...globals.browser, luxon: "readonly", odoo: "readonly"},
        },
    },
    {
        files: ["**/*.mjs"],
        languageOptions: {globals: {...globals.node}},
        rules: {"no-console": "off"},
    },
];
