/** Node's name for each TLS version in configuration files. */
export const TLS_VERSIONS = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

/** Cipher suites up to TLS 1.2 that Go considers secure, with OpenSSL's names. */
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

/** Cipher suites of TLS 1.3 in Go's order. Configurations cannot restrict them. */
const TLS13_SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

export const CIPHER_SUITES: readonly string[] = [...SUITES.keys(), ...TLS13_SUITES];

/** OpenSSL's name for each valid name in `curve_preferences`. */
const CURVE_NAMES: Readonly<Record<string, string>> = {
  CurveP256: "P-256",
  CurveP384: "P-384",
  CurveP521: "P-521",
  X25519: "X25519",
};

export const CURVES: readonly string[] = Object.keys(CURVE_NAMES);

/**
 * Returns OpenSSL's list of cipher suites for the names in a configuration. A configuration selects only suites of TLS
 * 1.2 and earlier; the suites of TLS 1.3 are always included.
 */
export const opensslSuites = (names: readonly string[]): string =>
  [...TLS13_SUITES, ...names.flatMap((name) => SUITES.get(name) ?? [])].join(":");

/**
 * OpenSSL's list of cipher suites for TLS versions before 1.2: all suites that Go supports. OpenSSL's default list
 * lacks suites that old TLS versions need.
 */
export const OLD_SUITES: string = `${opensslSuites([...SUITES.keys()])}:@SECLEVEL=0`;

/** Returns OpenSSL's list of elliptic curves for the names in a configuration. */
export const opensslCurves = (names: readonly string[]): string => names.map((name) => CURVE_NAMES[name]).join(":");
