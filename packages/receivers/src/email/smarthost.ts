import { type Codec, INVALID, text } from "@narthex/config";

/** `host:port` of a mail server, as text. */
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
  if (!/^(?:\[[^\]]*\]|[^:]*):/.test(address)) return `address ${address}: missing port in address`;
  return address.endsWith(":") ? `address ${JSON.stringify(address)}: port cannot be empty` : undefined;
}

/** Host and port of an address that smarthost() has accepted. */
export function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
}
