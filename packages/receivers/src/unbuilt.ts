import { anyMapping, type Codec, INVALID, type Printable } from "@narthex/config";

const HTTP = "send_resolved http_config";

/** Kinds of receivers that parse but do not send in this build, with the keys each knows. */
export const UNBUILT: Readonly<Record<string, readonly string[]>> = {
  sns_configs: keys(
    `${HTTP} api_url sigv4 topic_arn phone_number target_arn subject message attributes use_aws_http_client`,
  ),
};

function keys(names: string): readonly string[] {
  return names.split(" ");
}

/** Keys whose value must not be shown. */
const SECRET = /(?:^|_)(?:key|token|secret|token_id|webhook_url|password)$/;

/** A section of such a kind: its keys are checked, its values are carried along. */
export function unbuiltSection(known: readonly string[]): Codec<Printable> {
  return {
    ...anyMapping,
    decode(node, context) {
      const value = anyMapping.decode(node, context);
      if (value === INVALID || node.kind !== "map") return value;
      let sound = true;
      for (const { key } of node.entries) {
        if (known.includes(key.text)) continue;
        const message = `field ${key.text} not found in type config.plain`;
        context.report(key, "unknown-field", message, "remove it, or check its spelling");
        sound = false;
      }
      return sound ? value : INVALID;
    },
    encode: hideSecrets,
  };
}

function hideSecrets(value: Printable): Printable {
  if (value === null || typeof value !== "object" || !("entries" in value)) return value;
  return {
    entries: value.entries.map(([key, inner]) =>
      typeof inner === "string" && SECRET.test(key) ? [key, "<secret>"] : [key, hideSecrets(inner)],
    ),
  };
}
