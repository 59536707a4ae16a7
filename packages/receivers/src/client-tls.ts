import { type Codec, type TlsConfig, tlsSection } from "@narthex/config";

/** `tls_config` of a mail server, printed as upstream does: the insecure switch shows even when it is off. */
export const clientTls: Codec<TlsConfig> = {
  goType: tlsSection.goType,
  decode: (node, context) => tlsSection.decode(node, context),
  encode(value) {
    const entries = tlsSection.encodeEntries(value);
    if (value.insecureSkipVerify) return { entries };
    return { entries: [...entries, ["insecure_skip_verify", false]] };
  },
  isZero: () => false,
};
