import { client } from "./client-grammar.ts";
import { type Fields, oneOf, section, text } from "./sections.ts";
import { registryKinds } from "./registry-kinds.ts";
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

const gce: Fields = [
  [95, "project", word],
  [95, "zone", word],
  [20, "filter", word],
  [30, "refresh_interval", seconds],
  [30, "port", port],
  [20, "tag_separator", word],
];

const zooKeeper: Fields = [
  [95, "servers", oneOf([8, text("[zk1:2181, zk2]")], [1, text("[]")], [1, text("zk1")])],
  [95, "paths", oneOf([8, text("[/a, /b/c]")], [1, text("[]")], [2, text("[a/b]")], [1, text("['']")])],
  [40, "timeout", seconds],
];

/**
 * Sections of the kinds of discovery that Prometheus 3.5 has, by key. The grammar of whole files has the other kinds. A
 * kind adds a line.
 */
export const kindSections: ReadonlyMap<string, Make> = new Map([
  ...registryKinds,
  ...tokenKinds,
  ["lightsail_sd_configs", section(lightsail, client)],
  ["gce_sd_configs", section(gce)],
  ["nerve_sd_configs", section(zooKeeper)],
  ["serverset_sd_configs", section(zooKeeper)],
]);
