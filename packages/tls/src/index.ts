export { alternativeNames } from "./alternative-names.ts";
export { type ServerTls, serverTlsSection } from "./server-section.ts";
export { type ServerTerms, serverTerms, ServerTlsError } from "./server-terms.ts";
export { TlsAcceptor } from "./tls-acceptor.ts";
export { TLS_VERSIONS } from "./openssl-names.ts";
