import { type Codec, type TlsConfig, tlsSection } from "@narthex/config";

/** `tls_config` of a mail server, printed as upstream does: also when nothing in it is set. */
export const clientTls: Codec<TlsConfig> = {
  goType: tlsSection.goType,
  decode: (node, context) => tlsSection.decode(node, context),
  encode: (value) => tlsSection.encode(value),
  isZero: () => false,
};
