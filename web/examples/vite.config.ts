import { resolve } from "node:path"
import { defineConfig } from "vite"

const page = (name: string): string => resolve(import.meta.dirname, `${name}.html`)

/** The examples as pages, for tests/browser/test_examples.py; `npm run examples -- --outDir …`. */
export default defineConfig({
  root: import.meta.dirname,
  build: { modulePreload: false, rolldownOptions: { input: ["plain", "react", "vue"].map(page) } },
})
