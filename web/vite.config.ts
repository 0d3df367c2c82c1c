import { brotliCompressSync, gzipSync } from "node:zlib"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { minify } from "terser"
import type { Plugin } from "vite"
import { defineConfig } from "vitest/config"
import { diet, plainDecorators } from "./diet.ts"

const out = resolve(process.env.WIDGET_OUT ?? "../server/static")
const bundle = "campaign-chat.js"
/** A visitor pays for every byte before the first word: the promise of contract and README. */
const BUDGET_BYTES = 60_000

/** Names by which Lit's and marked's parts know each other: nobody else says them. */
const AMONG_THEMSELVES =
  /^(_\$\w+|getPropertyDescriptor|getPropertyOptions|isUpdatePending|scheduleUpdate|performUpdate|shouldUpdate|finalizeStyles|getUpdateComplete|enableUpdating|inlineQueue|inRawBlock|inLink|linkEmitted|blockTokens|inlineTokens)$/

/** What the bundler's own minifier leaves, in passes and names it has not: 900 bytes of the 60,000. */
const pressed = (): Plugin => ({
  name: "pressed",
  apply: "build",
  async generateBundle(_, files) {
    const chunk = files[bundle]
    if (chunk?.type !== "chunk") return
    const compress = { passes: 3, sequences: false, pure_getters: true, unsafe_arrows: true, unsafe_methods: true }
    const mangle = { properties: { regex: AMONG_THEMSELVES } }
    chunk.code = (await minify(plainDecorators(chunk.code), { ecma: 2020, compress, mangle })).code ?? chunk.code
  },
})

/** The server hands out whichever of these a browser takes; only the bundle, since the page is filled in. */
const compressed = (): Plugin => ({
  name: "compressed",
  apply: "build",
  writeBundle() {
    const whole = readFileSync(resolve(out, bundle))
    const size = gzipSync(whole, { level: 9 }).length
    if (size > BUDGET_BYTES) this.error(`${bundle} is ${size} bytes gzipped; ${BUDGET_BYTES} is the most`)
    writeFileSync(resolve(out, `${bundle}.br`), brotliCompressSync(whole))
    writeFileSync(resolve(out, `${bundle}.gz`), gzipSync(whole, { level: 9 }))
  },
})

/** One file for each language but English, beside the widget: loaded only for who reads it. */
const words = (): Plugin => ({
  name: "words",
  apply: "build",
  generateBundle() {
    for (const file of readdirSync("src/words")) {
      const source = JSON.stringify(JSON.parse(readFileSync(`src/words/${file}`, "utf8")))
      this.emitFile({ type: "asset", fileName: bundle.replace("js", file), source })
    }
  },
})

export default defineConfig({
  publicDir: "src/demo", // the page of the server's front door, copied as it is
  plugins: [diet(), pressed(), words(), compressed()],
  build: {
    outDir: out,
    emptyOutDir: false, // the folder may also hold the build hook's stamp
    target: "es2022",
    // Older targets make Lightning CSS rewrite light-dark() into variables.
    cssTarget: ["chrome123", "firefox124", "safari17.5"],
    rolldownOptions: {
      input: "src/campaign-chat.ts",
      // A classic script: `document.currentScript` tells it the server it came from.
      output: { format: "iife", entryFileNames: bundle, codeSplitting: false },
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"], setupFiles: ["tests/setup.ts"], restoreMocks: true, testTimeout: 60_000 },
})
