import {createRequire} from "node:module";

// Lint keeps its tools outside of the project: NODE_PATH, which only require() reads.
const require = createRequire(import.meta.url);

/** @type {import("prettier").Config} */
export default {
    plugins: [require.resolve("@prettier/plugin-xml")],
    bracketSpacing: false,
    printWidth: 88,
    tabWidth: 4,
    trailingComma: "es5",
    xmlWhitespaceSensitivity: "preserve",
    overrides: [
        {
            files: ["*.yaml", "*.yml"],
            options: {tabWidth: 2},
        },
    ],
};
