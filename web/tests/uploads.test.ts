import { describe, expect, it } from "vitest"
import type { Limits } from "../src/protocol"
import { objection, typeOf } from "../src/uploads"
import { english } from "../src/words"

const limits: Limits = {
  messageChars: 8000,
  uploadBytes: 2_097_152,
  uploadPixels: 40_000_000,
  uploadTypes: ["image/png", "image/jpeg", "image/svg+xml"],
  frameBytes: 262_144,
  references: 10,
  queued: 5,
}
const file = (name: string, type: string, size = 10): File => new File([new Uint8Array(size)], name, { type })

describe("before an image is sent", () => {
  it.each([
    [file("a.png", "image/png"), undefined],
    [file("a.svg", "image/svg+xml"), undefined],
    [file("A.JPG", ""), undefined],
    [file("a.gif", "image/gif"), "Only PNG, JPEG or SVG."],
    [file("a.pdf", "application/pdf"), "Only PNG, JPEG or SVG."],
    [file("nothing", ""), "Only PNG, JPEG or SVG."],
    [file("a.png", "image/png", 0), "This file is empty."],
    [file("a.png", "image/png", 2_097_153), "Larger than 2.0 MB."],
  ])("%# is judged by type and size", (given, words) => {
    expect(objection(given, limits, english)).toBe(words)
  })

  it("goes by the name where the browser knows no type", () => {
    expect([typeOf(file("logo.webp", "")), typeOf(file("logo", ""))]).toEqual(["image/webp", ""])
  })
})
