/** Description of a type in a gob stream. Types refer to each other by number. */
export type GobType =
  | { readonly kind: "int" | "uint" | "text" | "bytes" }
  | { readonly kind: "struct"; readonly fields: readonly GobField[] }
  | { readonly kind: "map"; readonly key: number; readonly element: number }
  | { readonly kind: "list"; readonly element: number }
  /** A value that a method of its type encodes. For the decoder it is only bytes. */
  | { readonly kind: "opaque" };

/** A struct's field; only nonzero fields are written. */
export interface GobField {
  readonly name: string;
  readonly type: number;
}

/** Numbers of built-in types, which a stream uses without defining them. */
const INT = 2;
const BYTES = 5;
export const TEXT = 6;
/** Number of the type that describes type definitions. */
export const DEFINITION = 16;

const [ARRAY, COMMON, LIST, STRUCT, FIELD, FIELDS, MAP, OPAQUE] = [17, 18, 19, 20, 21, 22, 23, 24];

const struct = (...fields: readonly (readonly [name: string, type: number])[]): GobType => ({
  kind: "struct",
  fields: fields.map(([name, type]) => ({ name, type })),
});

/** Types that are known without a definition in the stream, including the types of which definitions consist. */
export const BUILT_IN: ReadonlyMap<number, GobType> = new Map<number, GobType>([
  [1, { kind: "uint" }],
  [INT, { kind: "int" }],
  [3, { kind: "uint" }],
  [BYTES, { kind: "bytes" }],
  [TEXT, { kind: "text" }],
  [
    DEFINITION,
    struct(
      ["array", ARRAY],
      ["list", LIST],
      ["struct", STRUCT],
      ["map", MAP],
      ["gob", OPAQUE],
      ["binary", OPAQUE],
      ["text", OPAQUE],
    ),
  ],
  [ARRAY, struct(["common", COMMON], ["element", INT], ["length", INT])],
  [COMMON, struct(["name", TEXT], ["id", INT])],
  [LIST, struct(["common", COMMON], ["element", INT])],
  [STRUCT, struct(["common", COMMON], ["fields", FIELDS])],
  [FIELD, struct(["name", TEXT], ["type", INT])],
  [FIELDS, { kind: "list", element: FIELD }],
  [MAP, struct(["common", COMMON], ["key", INT], ["element", INT])],
  [OPAQUE, struct(["common", COMMON])],
]);
