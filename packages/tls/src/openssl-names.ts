/** Node's names of the versions that configurations name. */
export const TLS_VERSIONS = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

/** Cipher suites up to TLS 1.2 that Go holds for secure, and OpenSSL's names of them. */
const SUITES: ReadonlyMap<string, string> = new Map([
  ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"],
  ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"],
  ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"],
]);

/** Those of TLS 1.3, which no configuration narrows down, in Go's order. */
const TLS13_SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/** Names that `cipher_suites` may have. */
export const CIPHER_SUITES: readonly string[] = [...SUITES.keys(), ...TLS13_SUITES];

/** Names that `curve_preferences` may have, and OpenSSL's. */
const CURVE_NAMES: Readonly<Record<string, string>> = {
  CurveP256: "P-256",
  CurveP384: "P-384",
  CurveP521: "P-521",
  X25519: "X25519",
};

export const CURVES: readonly string[] = Object.keys(CURVE_NAMES);

/** OpenSSL's list for the suites that a configuration names, of which those up to TLS 1.2 count. */
export const opensslSuites = (names: readonly string[]): string =>
  [...TLS13_SUITES, ...names.flatMap((name) => SUITES.get(name) ?? [])].join(":");

/** All suites that Go would take up to TLS 1.2, and those of TLS 1.3: for versions before 1.2, which OpenSSL's own list leaves out. */
export const OLD_SUITES: string = `${opensslSuites([...SUITES.keys()])}:@SECLEVEL=0`;

/** OpenSSL's list for curves. */
export const opensslCurves = (names: readonly string[]): string => names.map((name) => CURVE_NAMES[name]).join(":");
