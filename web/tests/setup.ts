/** Lit says once a file that it is the development build. We know. */
Object.assign(globalThis, { litIssuedWarnings: new Set(["dev-mode"]) })
