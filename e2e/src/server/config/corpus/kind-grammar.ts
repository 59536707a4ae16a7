import { client } from "./client-grammar.ts";
import { type Fields, oneOf, section, text } from "./sections.ts";
import { tokenKinds } from "./token-kinds.ts";
import { type Make, seconds, word } from "./values.ts";

const port = oneOf([4, text("9100")], [1, text("0")]);

const lightsail: Fields = [
  // Without a region, promtool asks Amazon for it.
  [100, "region", text("eu-central-1")],
  [50, "endpoint", text("http://127.0.0.1:1")],
  [30, "access_key", word],
  [30, "secret_key", word],
  [10, "profile", word],
  [10, "role_arn", text("arn:aws:iam::1:role/r")],
  [30, "refresh_interval", seconds],
  [30, "port", port],
];

/**
 * Sections of the kinds of discovery that Prometheus 3.5 has, by key. The grammar of whole files has the other kinds. A
 * kind adds a line.
 */
export const kindSections: ReadonlyMap<string, Make> = new Map([
  ...tokenKinds,
  ["lightsail_sd_configs", section(lightsail, client)],
]);
