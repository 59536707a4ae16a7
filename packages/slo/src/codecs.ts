import { type Codec, DecodeContext, mapOf, text, wrongType, type YamlNode } from "@narthex/config";
import type { Texts } from "./generated-rule.ts";

/** Codec for labels or annotations. */
export const texts: Codec<Texts> = mapOf(text, "map[string]string");

export const NO_TEXTS: Texts = new Map();

/** Codec for a value that another section reads later. */
export const anyNode: Codec<YamlNode> = {
  goType: "any",
  decode: (node) => node,
  encode: () => null,
  isZero: () => false,
};

/** Codec for a number that is written with or without quotes. */
export const quotedNumber: Codec<number> = {
  goType: "float64",
  decode(node, context) {
    const value = node.kind === "scalar" && node.text.trim() !== "" ? Number(node.text) : NaN;
    if (Number.isFinite(value)) return value;
    return wrongType(node, "float64", context, "write a number");
  },
  encode: (value) => value,
  isZero: (value) => value === 0,
};

/** Codec for a mapping whose content is not used. */
export const ignored: Codec<undefined> = {
  goType: "any",
  decode: () => undefined,
  whenNull: () => undefined,
  encode: () => null,
  isZero: () => true,
};

/** Returns a codec that ignores unknown keys, such as those that Kubernetes adds to an object. */
export const lenient = <T>(codec: Codec<T>): Codec<T> => ({
  ...codec,
  decode: (node, context) =>
    codec.decode(node, new DecodeContext(context.file, { ignoreUnknownFields: true }, context, context.field)),
});
