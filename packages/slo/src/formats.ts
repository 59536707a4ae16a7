import { type Decoded, type DecodeContext, INVALID, type YamlNode } from "@narthex/config";
import type { ServiceLevel, SlothObjective } from "./objective.ts";
import type { NamedObjects } from "./openslo/named-objects.ts";
import { openSloObject } from "./openslo/named-objects.ts";
import { openSloAlphaObject } from "./openslo/read-openslo-alpha.ts";
import { readOpenSlo } from "./openslo/read-openslo.ts";
import { pyrraObject } from "./pyrra/read-pyrra.ts";
import { pyrraServiceLevel, slothServiceLevel } from "./service-level.ts";
import { ownDocument, type ReadContext, slothDocument, slothObject } from "./sloth/read-sloth.ts";

/** The parameters of a reader. */
interface FormatContext extends ReadContext {
  readonly decode: DecodeContext;
  readonly named: NamedObjects;
  /** Value of the label `sloth_version`. */
  readonly version: string;
}

/** The words of a document that identify its format. */
interface Signature {
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
}

/** A format of objectives. */
interface Format {
  readonly matches: (signature: Signature) => boolean;
  readonly read: (node: YamlNode, context: FormatContext) => Decoded<readonly ServiceLevel[]>;
}

/** Returns the objectives of Sloth with their rules. */
function levels(
  objectives: Decoded<readonly SlothObjective[]>,
  format: ServiceLevel["format"],
  { decode, version }: FormatContext,
): Decoded<readonly ServiceLevel[]> {
  if (objectives === INVALID) return INVALID;
  return objectives.map((objective) => slothServiceLevel(objective, decode.file, format, version));
}

/** The formats of objectives. To add one, write a reader in a folder of its own, and add it here. */
export const FORMATS: readonly Format[] = [
  {
    matches: ({ version }) => version === "narthex/v1",
    read: (node, context) => levels(ownDocument(context).decode(node, context.decode), "narthex", context),
  },
  {
    matches: ({ version }) => version === "prometheus/v1",
    read: (node, context) => levels(slothDocument(context).decode(node, context.decode), "sloth", context),
  },
  {
    matches: ({ apiVersion, kind }) => apiVersion === "sloth.slok.dev/v1" && kind === "PrometheusServiceLevel",
    read: (node, context) => levels(slothObject(context).decode(node, context.decode), "sloth", context),
  },
  {
    matches: ({ apiVersion, kind }) => apiVersion.startsWith("pyrra.dev/") && kind === "ServiceLevelObjective",
    read(node, { decode }) {
      const objective = pyrraObject.decode(node, decode);
      return objective === INVALID ? INVALID : [pyrraServiceLevel(objective, decode.file)];
    },
  },
  {
    matches: ({ apiVersion, kind }) => apiVersion === "openslo/v1alpha" && kind === "SLO",
    read: (node, context) => levels(openSloAlphaObject(context).decode(node, context.decode), "openslo", context),
  },
  {
    matches: ({ apiVersion, kind }) => apiVersion === "openslo/v1" && kind === "SLO",
    read(node, context) {
      const object = openSloObject.decode(node, context.decode);
      if (object === INVALID) return INVALID;
      const { spec } = object;
      if (spec === undefined) {
        context.decode.report(node, "no-objectives", "the SLO has no spec", "write spec");
        return INVALID;
      }
      return levels(readOpenSlo({ ...object, spec }, context.decode, context.named, context), "openslo", context);
    },
  },
];

/** Returns the words of a document that identify its format. */
export function signatureOf(node: YamlNode): Signature {
  const word = (name: string): string => {
    const value = node.kind === "map" ? node.entries.findLast(({ key }) => key.text === name)?.value : undefined;
    return value?.kind === "scalar" ? value.text : "";
  };
  return { version: word("version"), apiVersion: word("apiVersion"), kind: word("kind") };
}
