import type { ContactedServers } from "./contacted-servers.ts";

/** Paths and contents of the files with certificates, keys and credentials to which the scrape jobs refer. */
export interface Files {
  readonly ca: string;
  readonly caText: string;
  readonly cert: string;
  readonly key: string;
  readonly certText: string;
  readonly keyText: string;
  readonly otherCert: string;
  readonly otherKey: string;
  readonly user: string;
  readonly password: string;
  readonly token: string;
  readonly missing: string;
}

/** Settings of a scrape job. The default target is the plain server on 127.0.0.1. */
type Job = Readonly<Record<string, unknown>> & { readonly address?: string };

/**
 * Returns scrape jobs. Each job tests one way to reach a target. A server name in `<>` is a placeholder for the
 * server's port.
 */
const credentials = ({ user, password, token, missing }: Files): Record<string, Job> => ({
  plain: {},
  ipv6: { address: "[::1]:<plain>" },
  localhost: { address: "localhost:<plain>" },
  "basic-inline": { basic_auth: { username: "über", password: "a:b c" } },
  "basic-user": { basic_auth: { username: "only" } },
  "basic-files": { basic_auth: { username_file: user, password_file: password } },
  "basic-missing": { basic_auth: { username: "u", password_file: missing } },
  "basic-missing-user": { basic_auth: { username_file: missing, password: "p" } },
  bearer: { authorization: { credentials: "s3cret" } },
  "bearer-type": { authorization: { type: "Token", credentials: "s3cret" } },
  "bearer-file": { authorization: { credentials_file: token } },
  "bearer-missing": { authorization: { credentials_file: missing } },
  "headers-all": {
    http_headers: {
      "X-Values": { values: ["a", "b c"] },
      "x-lower": { values: ["1"], secrets: ["2", "3"] },
      "X-File": { files: [token] },
      "X-Mixed": { values: ["v"], secrets: ["s"], files: [token, user] },
    },
  },
  "headers-missing": { http_headers: { "X-File": { files: [missing] } } },
  "headers-none": { http_headers: { "X-None": {} } },
  uncompressed: { enable_compression: false },
});

const oauth2 = ({ ca, token }: Files): Record<string, Job> => {
  const grant = (job: string, more: object = {}, query = ""): Job => ({
    oauth2: {
      client_id: "id:1",
      client_secret: "s/e c",
      token_url: `http://127.0.0.1:<plain>/token/side-x/${job}${query}`,
      ...more,
    },
  });
  return {
    "oauth-plain": grant("oauth-plain"),
    "oauth-file": grant("oauth-file", { client_secret: undefined, client_secret_file: token }),
    "oauth-more": grant("oauth-more", { scopes: ["a", "b"], endpoint_params: { audience: "x y", resource: "r" } }),
    "oauth-tls": grant("oauth-tls", {
      token_url: "https://127.0.0.1:<tls>/token/side-x/oauth-tls",
      tls_config: { ca_file: ca },
    }),
    "oauth-distrust": grant("oauth-distrust", { token_url: "https://127.0.0.1:<tls>/token/side-x/oauth-distrust" }),
    "oauth-refused": grant("oauth-refused", { token_url: "http://127.0.0.1:1/token" }),
    "oauth-headers": { ...grant("oauth-headers"), http_headers: { "X-More": { values: ["m"] } } },
    ...Object.fromEntries(
      ["denied", "broken", "odd", "empty", "form", "mac"].map((answer) => [
        `oauth-${answer}`,
        grant(`oauth-${answer}`, {}, `?answer=${answer}`),
      ]),
    ),
  };
};

const tls = (files: Files): Record<string, Job> => {
  const { ca, caText, cert, key, certText, keyText, otherCert, otherKey } = files;
  const secure = (server: string, tls_config: object = { ca_file: ca }, host = "127.0.0.1"): Job => ({
    address: `${host}:<${server}>`,
    scheme: "https",
    tls_config,
  });
  return {
    "tls-file": secure("tls"),
    "tls-inline": secure("tls", { ca: caText }),
    "tls-ipv6-name": secure("tls", { ca_file: ca }, "localhost"),
    "tls-unknown": secure("tls", {}),
    "tls-stranger": secure("stranger"),
    "tls-skip": secure("stranger", { insecure_skip_verify: true }),
    "tls-server-name": secure("names", { ca_file: ca, server_name: "b.example" }),
    "tls-wrong-name": secure("names", { ca_file: ca, server_name: "c.example" }),
    "tls-wrong-ip": secure("names"),
    "tls-wrong-host": secure("names", { ca_file: ca }, "localhost"),
    "tls-common-name": secure("nameless", { ca_file: ca, server_name: "old.example" }),
    "tls-nameless": secure("nameless", { ca_file: ca, server_name: "else.example" }),
    "tls-expired": secure("expired"),
    "tls-min": secure("tls12", { ca_file: ca, min_version: "TLS13" }),
    "tls-max": secure("tls13", { ca_file: ca, max_version: "TLS12" }),
    "tls-12": secure("tls12", { ca_file: ca, max_version: "TLS12" }),
    "tls-to-plain": secure("plain"),
    "plain-to-tls": { address: "127.0.0.1:<tls>" },
    "mutual-files": secure("mutual", { ca_file: ca, cert_file: cert, key_file: key }),
    "mutual-inline": secure("mutual", { ca_file: ca, cert: certText, key: keyText }),
    "mutual-h2": secure("h2mutual", { ca_file: ca, cert_file: cert, key_file: key }),
    "mutual-none": secure("strictTls"),
    "mutual-none-12": secure("strictTls12"),
    "mutual-other": secure("strictIssuer", { ca_file: ca, cert_file: otherCert, key_file: otherKey }),
    "h2-both": secure("h2"),
    "h2-only": secure("h2only"),
    "h2-off": { ...secure("h2"), enable_http2: false },
    "h2-basic": {
      ...secure("h2"),
      basic_auth: { username: "u", password: "p" },
      http_headers: { "X-A": { values: ["1", "2"] } },
    },
    "tls-resetting": secure("resettingTls"),
    "tls-closing": secure("closingTls"),
  };
};

const proxies = ({ ca }: Files): Record<string, Job> => {
  const via = (job: string, proxy: string, more: Job = {}): Job => ({
    address: `${job}.invalid:80`,
    proxy_url: proxy,
    ...more,
  });
  const tunnel = (job: string, proxy: string, more: Job = {}): Job =>
    via(job, proxy, {
      scheme: "https",
      address: `${job}.invalid:<tls>`,
      tls_config: { ca_file: ca, server_name: "127.0.0.1" },
      ...more,
    });
  const proxy = "http://127.0.0.1:<proxy>";
  return {
    "proxy-plain": via("proxy-plain", proxy),
    "proxy-pass": via("proxy-pass", proxy, { address: "127.0.0.1:<plain>" }),
    "proxy-basic": via("proxy-basic", proxy, { basic_auth: { username: "u", password: "p" } }),
    "proxy-user": via("proxy-user", "http://pu:p%40ss@127.0.0.1:<strictProxy>"),
    "proxy-denied": via("proxy-denied", "http://127.0.0.1:<strictProxy>"),
    "proxy-header": via("proxy-header", proxy, { proxy_connect_header: { "X-Connect": ["a"] } }),
    "proxy-down": via("proxy-down", "http://127.0.0.1:1"),
    "proxy-nowhere": via("proxy-nowhere", "http://nowhere.invalid:3128"),
    "proxy-closing": via("proxy-closing", "http://127.0.0.1:<closing>"),
    "proxy-resetting": via("proxy-resetting", "http://127.0.0.1:<resetting>"),
    "proxy-secure": via("proxy-secure", "https://127.0.0.1:<proxyTls>", { tls_config: { ca_file: ca } }),
    "proxy-distrusted": via("proxy-distrusted", "https://127.0.0.1:<proxyTls>"),
    "proxy-silent": via("proxy-silent", "http://127.0.0.1:<silent>"),
    "proxy-redirect": via("proxy-redirect", proxy, {
      address: "127.0.0.1:<plain>",
      params: { to: ["http://127.0.0.1:<other>/side-x/proxy-redirect/moved"] },
    }),
    "no-proxy": via("no-proxy", proxy, { address: "127.0.0.1:<plain>", no_proxy: "127.0.0.0/8" }),
    "no-proxy-other": via("no-proxy-other", proxy, { no_proxy: "else.invalid" }),
    "no-proxy-loopback": via("no-proxy-loopback", proxy, { address: "127.0.0.1:<plain>", no_proxy: "else.invalid" }),
    "no-proxy-name": via("no-proxy-name", proxy, { no_proxy: "invalid" }),
    "environment-proxy": { address: "environment-proxy.invalid:80", proxy_from_environment: true },
    "environment-loopback": { proxy_from_environment: true },
    "environment-excepted": { address: "environment-excepted.invalid:81", proxy_from_environment: true },
    "tunnel-plain": tunnel("tunnel-plain", proxy),
    "tunnel-user": tunnel("tunnel-user", "http://pu:p%40ss@127.0.0.1:<strictProxy>"),
    "tunnel-denied": tunnel("tunnel-denied", "http://127.0.0.1:<strictProxy>"),
    "tunnel-header": tunnel("tunnel-header", proxy, {
      proxy_connect_header: { "X-Connect": ["a"], "x-two": ["1", "2"] },
    }),
    "tunnel-bearer": tunnel("tunnel-bearer", proxy, { authorization: { credentials: "s" } }),
    "tunnel-h2": tunnel("tunnel-h2", proxy, { address: "tunnel-h2.invalid:<h2only>" }),
    "tunnel-distrust": tunnel("tunnel-distrust", proxy, { tls_config: {} }),
    "tunnel-wrong": tunnel("tunnel-wrong", proxy, { tls_config: { ca_file: ca } }),
    "tunnel-down": tunnel("tunnel-down", "http://127.0.0.1:1"),
    "tunnel-refused": tunnel("refused-tunnel", proxy),
    "tunnel-dropped": tunnel("dropped-tunnel", proxy),
    "tunnel-resetting": tunnel("tunnel-resetting", "http://127.0.0.1:<resetting>"),
    "tunnel-secure": tunnel("tunnel-secure", "https://127.0.0.1:<proxyTls>"),
    "tunnel-environment": {
      address: "tunnel-environment.invalid:<tls>",
      scheme: "https",
      proxy_from_environment: true,
      tls_config: { ca_file: ca, server_name: "127.0.0.1" },
    },
  };
};

const ends = ({ ca }: Files): Record<string, Job> => {
  const moved = (job: string, to: string, more: Job = {}): Job => ({
    params: { to: [to] },
    basic_auth: { username: "u", password: "p" },
    http_headers: { "X-Api-Key": { values: ["k"] }, Cookie: { values: ["c=1"] } },
    ...more,
  });
  return {
    "redirect-same": moved("redirect-same", "/side-x/redirect-same/moved"),
    "redirect-other-port": moved("redirect-other-port", "http://127.0.0.1:<other>/side-x/redirect-other-port/moved"),
    "redirect-other-host": moved("redirect-other-host", "http://localhost:<other>/side-x/redirect-other-host/moved"),
    "redirect-secure": moved("redirect-secure", "https://127.0.0.1:<tls>/side-x/redirect-secure/moved", {
      tls_config: { ca_file: ca },
    }),
    "redirect-h2": moved("redirect-h2", "https://localhost:<h2only>/side-x/redirect-h2/moved", {
      tls_config: { ca_file: ca },
    }),
    "redirect-off": moved("redirect-off", "/side-x/redirect-off/moved", { follow_redirects: false }),
    "redirect-down": moved("redirect-down", "http://127.0.0.1:1/x"),
    "redirect-h2-other": moved("redirect-h2-other", "https://localhost:<h2only>/side-x/redirect-h2-other/moved", {
      address: "127.0.0.1:<h2>",
      scheme: "https",
      tls_config: { ca_file: ca },
    }),
    "closed-port": { address: "127.0.0.1:1" },
    "closed-port-name": { address: "localhost:1" },
    "closed-port-6": { address: "[::1]:1" },
    nowhere: { address: "nowhere.invalid:80" },
    closing: { address: "127.0.0.1:<closing>" },
    resetting: { address: "127.0.0.1:<resetting>" },
    silent: { address: "127.0.0.1:<silent>" },
    "silent-tls": { address: "127.0.0.1:<silent>", scheme: "https" },
  };
};

export const jobs = (files: Files): Record<string, Job> => ({
  ...credentials(files),
  ...oauth2(files),
  ...tls(files),
  ...proxies(files),
  ...ends(files),
});

/** Returns the configuration of one scraping server as JSON, which is valid YAML. */
export function configuration(files: Files, { ports }: ContactedServers): string {
  const scrape_configs = Object.entries(jobs(files)).map(([job_name, { address, ...rest }]) => ({
    job_name,
    metrics_path: `/side-x/${job_name}`,
    static_configs: [{ targets: [address ?? "127.0.0.1:<plain>"] }],
    ...rest,
  }));
  const text = JSON.stringify({ global: { scrape_interval: "2s", scrape_timeout: "1800ms" }, scrape_configs });
  return text.replaceAll(/:<(\w+)>/g, (all, name: string) => (ports.has(name) ? `:${ports.get(name)!}` : all));
}
