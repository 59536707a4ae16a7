import { type Codec, INVALID, text, type TlsConfig, tlsSection } from "@narthex/config";
import { splitHostPort } from "@narthex/model";
import { invariant } from "@narthex/runtime";

/** Codec of a mail server's address `host:port`, as a text. */
export const smarthost: Codec<string> = {
  ...text,
  decode(node, context) {
    const address = text.decode(node, context);
    if (address === INVALID || address === "") return address;
    const problem = addressProblem(address);
    if (problem === undefined) return address;
    context.reportValue(node, "bad-smarthost", problem, "write host:port, such as mail.example.org:587");
    return INVALID;
  },
};

function addressProblem(address: string): string | undefined {
  const parts = splitHostPort(address);
  if ("problem" in parts) return parts.problem;
  return parts.port === "" ? `address ${JSON.stringify(address)}: port cannot be empty` : undefined;
}

/** Returns host and port of a mail server address that the codec `smarthost` has accepted. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const parts = splitHostPort(address);
  invariant(!("problem" in parts), "the address was checked when it was read");
  return { host: parts.host, port: Number(parts.port) };
}

/** Codec of the key `tls_config` for a mail server. As in Alertmanager, it is printed even if it has only defaults. */
export const mailTls: Codec<TlsConfig> = {
  goType: tlsSection.goType,
  decode: (node, context) => tlsSection.decode(node, context),
  encode: (value) => tlsSection.encode(value),
  isZero: () => false,
};
