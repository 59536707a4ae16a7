/** Description of a type in a stream of Go's binary format gob. Types refer to each other by number. */
export type GobType =
  | { readonly kind: "int" | "uint" | "text" | "bytes" }
  | { readonly kind: "struct"; readonly fields: readonly GobField[] }
  | { readonly kind: "map"; readonly key: number; readonly element: number }
  | { readonly kind: "list"; readonly element: number }
  /** A value that its Go type encodes itself. The reader returns its bytes. */
  | { readonly kind: "opaque" };

/** A field of a struct. Only nonzero fields are written. */
export interface GobField {
  readonly name: string;
  readonly type: number;
}

/** Numbers of gob's built-in types, which a stream uses without defining them. */
const INT = 2;
const BYTES = 5;
export const TEXT = 6;
/** Number of the gob type that describes type definitions. */
export const DEFINITION = 16;

const [ARRAY, COMMON, LIST, STRUCT, FIELD, FIELDS, MAP, OPAQUE] = [17, 18, 19, 20, 21, 22, 23, 24];

const struct = (...fields: readonly (readonly [name: string, type: number])[]): GobType => ({
  kind: "struct",
  fields: fields.map(([name, type]) => ({ name, type })),
});

/** Gob types that are known without a definition, including the types of definitions. */
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
