import { client } from "./client-grammar.ts";
import { type Fields, oneOf, section, text } from "./sections.ts";
import { listOf, type Make, path, seconds, word } from "./values.ts";

const port = oneOf([4, text("9100")], [1, text("0")]);

/** Fields of all kinds. The interval is never zero: Prometheus accepts zero and then crashes. */
const common: Fields = [
  [30, "refresh_interval", seconds],
  [30, "port", port],
];

/** Returns a function that generates one of these words, and sometimes another one. */
const oneWord = (...words: readonly string[]): Make =>
  oneOf(...words.map((name) => [8, text(name)] as const), [1, word], [1, text("''")]);

const UUID = "20b3d507-96ac-454c-a795-bc731b46b12f";

const hetzner = section(
  common,
  [
    [93, "role", oneWord("robot", "hcloud")],
    [30, "label_selector", text("env==prod")],
  ],
  client,
);

const ionos = section(common, [[93, "datacenter_id", oneWord(UUID)]], client);

const linode = section(
  common,
  [
    [30, "region", word],
    [30, "tag_separator", oneWord("';'")],
  ],
  client,
);

const ovhcloud = section([
  [30, "endpoint", oneWord("ovh-eu", "ovh-us", "http://127.0.0.1:1")],
  [95, "application_key", oneWord("abc")],
  [95, "application_secret", oneWord("abc")],
  [95, "consumer_key", oneWord("abc")],
  [30, "refresh_interval", seconds],
  [95, "service", oneWord("vps", "dedicated_server")],
]);

const scaleway: Fields = [
  [99, "role", oneWord("instance", "baremetal")],
  [99, "project_id", oneWord(UUID, UUID.toUpperCase())],
  // Prometheus crashes if the URL is empty.
  [
    30,
    "api_url",
    oneOf([20, text("http://127.0.0.1:1")], [1, text("http://a/")], [1, word], [1, text("'http://a b'")]),
  ],
  [30, "zone", oneWord("fr-par-1", "pl-waw-3", "zz-zzz-9")],
  [99, "access_key", oneWord("SCWXXXXXXXXXXXXXXXXX")],
  [20, "name_filter", word],
  [20, "tags_filter", listOf(word)],
];

const secretKey = [100, "secret_key", oneWord(UUID)] as const;
const secretKeyFile = [100, "secret_key_file", path] as const;

/** Returns a function that generates a section of Scaleway with these fields for the secret key. */
const withSecret = (...fields: Fields): Make => section(scaleway, common, fields, client);

/** Sections of the kinds of discovery with tokens or keys that Prometheus 3.5 has, by key. */
export const tokenKinds: ReadonlyMap<string, Make> = new Map([
  ["digitalocean_sd_configs", section(common, client)],
  ["hetzner_sd_configs", hetzner],
  ["ionos_sd_configs", ionos],
  ["linode_sd_configs", linode],
  ["ovhcloud_sd_configs", ovhcloud],
  [
    "scaleway_sd_configs",
    oneOf(
      [8, withSecret(secretKey)],
      [8, withSecret(secretKeyFile)],
      [1, withSecret(secretKey, secretKeyFile)],
      [1, withSecret()],
    ),
  ],
  ["vultr_sd_configs", section(common, client)],
]);
