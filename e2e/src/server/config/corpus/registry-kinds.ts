import { client, tls } from "./client-grammar.ts";
import { type Fields, oneOf, section, text } from "./sections.ts";
import { boolean, listOf, type Make, path, seconds, url, word } from "./values.ts";

const port = oneOf([4, text("9100")], [1, text("0")]);

/** Fields of all kinds. The interval is never zero: Prometheus accepts zero and then crashes. */
const common: Fields = [[30, "refresh_interval", seconds]];

const server = oneOf([8, text("http://a:8761/eureka")], [2, url], [1, word], [1, text("''")]);

const eureka = section(common, [[95, "server", server]], client);

const marathon = section(
  common,
  [
    [95, "servers", listOf(server)],
    [20, "auth_token", word],
    [15, "auth_token_file", path],
  ],
  client,
);

const puppetdb = section(
  common,
  [
    [95, "url", server],
    [95, "query", oneOf([8, text("'resources { type = \"Class\" }'")], [1, word], [1, text("''")])],
    [30, "include_parameters", boolean],
    [30, "port", port],
  ],
  client,
);

const triton = section([
  [95, "account", word],
  [40, "role", oneOf([4, text("container")], [4, text("cn")], [1, word])],
  [95, "dns_suffix", word],
  [95, "endpoint", word],
  [30, "groups", listOf(word)],
  [30, "port", port],
  [30, "refresh_interval", oneOf([8, seconds], [1, text("0s")])],
  [30, "version", text("1")],
  [40, "tls_config", tls],
]);

const uyuni = section(
  common,
  [
    [95, "server", server],
    [95, "username", word],
    [95, "password", word],
    [30, "entitlement", word],
    [30, "separator", word],
  ],
  client,
);

/** Sections of the kinds of discovery for registries that Prometheus 3.5 has, by key. */
export const registryKinds: ReadonlyMap<string, Make> = new Map([
  ["eureka_sd_configs", eureka],
  ["marathon_sd_configs", marathon],
  ["puppetdb_sd_configs", puppetdb],
  ["triton_sd_configs", triton],
  ["uyuni_sd_configs", uyuni],
]);
