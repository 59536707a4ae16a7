import { type Fields, oneOf, section, text } from "./sections.ts";
import { boolean, labels, listOf, path, url, word } from "./values.ts";
import { list, map } from "./yaml-tree.ts";

export const tls = oneOf(
  [
    3,
    section([
      [60, "ca_file", path],
      [40, "server_name", word],
      [40, "insecure_skip_verify", boolean],
      [30, "min_version", text("TLS12")],
      [20, "max_version", text("TLS13")],
    ]),
  ],
  [
    1,
    section([
      [100, "cert_file", path],
      [95, "key_file", path],
      [30, "ca", text('"-----BEGIN CERTIFICATE-----\\n"')],
    ]),
  ],
);

const basicAuth = section([
  [80, "username", word],
  [60, "password", word],
  [15, "password_file", path],
  [10, "username_file", path],
]);

const authorization = section([
  [40, "type", oneOf([3, text("Bearer")], [1, word])],
  [70, "credentials", word],
  [15, "credentials_file", path],
]);

const proxy: Fields = [
  [8, "proxy_url", url],
  [3, "no_proxy", word],
  [3, "proxy_from_environment", boolean],
  [2, "proxy_connect_header", (random) => map([["X-A", list(word(random), "b")]])],
];

const oauth2 = section(
  [
    [95, "client_id", word],
    [60, "client_secret", word],
    [15, "client_secret_file", path],
    [95, "token_url", url],
    [30, "scopes", listOf(word)],
    [30, "endpoint_params", labels],
    [20, "tls_config", tls],
  ],
  proxy,
);

/** HTTP client settings that a section of prometheus.yml may contain. */
export const client: Fields = [
  [12, "basic_auth", basicAuth],
  [8, "authorization", authorization],
  [6, "oauth2", oauth2],
  [3, "bearer_token", word],
  [3, "bearer_token_file", path],
  [15, "tls_config", tls],
  [15, "follow_redirects", boolean],
  [10, "enable_http2", boolean],
  ...proxy,
  [
    5,
    "http_headers",
    (random) =>
      map([
        [
          "X-Tenant",
          section([
            [80, "values", listOf(word)],
            [30, "secrets", listOf(word)],
            [20, "files", listOf(path)],
          ])(random),
        ],
      ]),
  ],
];
