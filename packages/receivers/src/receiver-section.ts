import {
  type Decoded,
  field,
  INVALID,
  listOf,
  mapOf,
  type FieldPositions,
  type Position,
  type Report,
  section,
  type Section,
  text,
} from "@narthex/config";
import type { ReceiverGlobals } from "./global-section.ts";
import type { IntegrationConfig } from "./receiver-kind.ts";
import { RECEIVER_KINDS, type AnyReceiverKind } from "./registry.ts";

/** One integration of a receiver: its kind, its index in the list of that kind, and its settings. */
export interface ConfiguredIntegration {
  readonly kind: AnyReceiverKind;
  readonly index: number;
  readonly config: IntegrationConfig;
}

/** Settings of one entry of `receivers`. */
export interface ReceiverConfig {
  readonly name: string;
  /** Labels of the receiver, including `name`. */
  readonly labels: ReadonlyMap<string, string>;
  readonly integrations: readonly ConfiguredIntegration[];
  readonly place: Position;
}

type RawReceiver = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
};

/** Codec of one entry of `receivers`. Its result is complete only after resolveReceiver(). */
export const receiverSection: Section<ReceiverConfig> = section<RawReceiver, ReceiverConfig>(
  "config.plain",
  table() as never,
  finish,
);

function table(): Record<string, unknown> {
  const rows: Record<string, unknown> = {
    name: field("name", text, "", true),
    labels: field("labels", mapOf(text), new Map()),
  };
  for (const { key, section: own } of RECEIVER_KINDS) {
    rows[key] = field(key, listOf(own, { nullItem: `missing ${key.replace(/_configs$/, "")} config` }), []);
  }
  return rows;
}

function finish(raw: RawReceiver, at: FieldPositions<RawReceiver>, report: Report): Decoded<ReceiverConfig> {
  if (raw.name === "") {
    report(at.self, "unnamed-receiver", "missing name in receiver", "give it a name");
    return INVALID;
  }
  const other = raw.labels.get("name");
  if (other !== undefined && other !== raw.name) {
    const message = `receiver label "name" must match receiver name ${JSON.stringify(raw.name)}, got ${JSON.stringify(other)}`;
    report(at.self, "receiver-label", message, "remove the label");
    return INVALID;
  }
  const integrations = RECEIVER_KINDS.flatMap((kind) =>
    (raw[kind.key] as readonly IntegrationConfig[]).map((config, index) => ({ kind, index, config })),
  );
  const labels = new Map([...raw.labels, ["name", raw.name]]);
  // `raw` also keeps each list of integrations under its configuration key, because the printing code reads the lists
  // there.
  return { ...raw, labels, integrations, place: at.self };
}

/**
 * Fills in missing values of a receiver from `global`. Reports an error for a required value that is missing in both.
 * @param globalsFor returns the values of `global` for one integration
 */
export function resolveReceiver(
  receiver: ReceiverConfig,
  globalsFor: (integration: ConfiguredIntegration) => ReceiverGlobals,
  report: Report,
): ReceiverConfig {
  const integrations = receiver.integrations.flatMap((integration) => {
    const config = integration.kind.resolve(integration.config, globalsFor(integration), report);
    return config === undefined ? [] : [{ ...integration, config }];
  });
  const lists = RECEIVER_KINDS.map(({ key }) => [
    key,
    integrations.filter(({ kind }) => kind.key === key).map(({ config }) => config),
  ]);
  return { ...receiver, ...Object.fromEntries(lists), integrations };
}
