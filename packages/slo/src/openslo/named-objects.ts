import {
  type Codec,
  type Decoded,
  type DecodeContext,
  field,
  INVALID,
  section,
  text,
  type YamlNode,
} from "@narthex/config";
import { anyNode } from "../codecs.ts";
import { metadata } from "./alert-policy.ts";

/** The parts of an object of OpenSLO. */
export interface OpenSloObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: YamlNode | undefined;
}

/** Codec of any object of OpenSLO; its `spec` is decoded later. */
export const openSloObject: Codec<OpenSloObject> = section<OpenSloObject>("object", {
  apiVersion: field("apiVersion", text, ""),
  kind: field("kind", text, ""),
  metadata: field("metadata", metadata, { name: "" }),
  spec: field<YamlNode | undefined>("spec", anyNode, undefined),
});

/** Objects of the loaded files to which other objects refer by kind and name. */
export class NamedObjects {
  readonly #specs = new Map<string, { readonly spec: YamlNode; readonly context: DecodeContext }>();

  add({ kind, metadata: { name }, spec }: OpenSloObject, context: DecodeContext): void {
    if (spec !== undefined) this.#specs.set(`${kind}/${name}`, { spec, context });
  }

  /** Decodes the object of this kind and name. Reports a missing object at the place of the reference. */
  find<T>(kind: string, name: string, codec: Codec<T>, at: YamlNode, context: DecodeContext): Decoded<T> {
    const found = this.#specs.get(`${kind}/${name}`);
    if (found !== undefined) return codec.decode(found.spec, found.context);
    const message = `there is no ${kind} named ${JSON.stringify(name)}`;
    context.report(at, "no-reference", message, "add the object to the files, or write it here");
    return INVALID;
  }
}
