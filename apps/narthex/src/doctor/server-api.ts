import { defaultHttpClient } from "@narthex/config";
import type { DoctorContext } from "./check.ts";
import { ReachError } from "./network/network.ts";
import type { RoleSubject } from "./subject/subject.ts";

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * What a server that runs where the role listens answers below /api/v1, decoded; undefined where none answers, or where it
 * wants TLS or a password. Whether it has the shape that is expected is for the caller to see: anybody may listen there.
 */
export async function askServer(
  { network, timeoutMs }: DoctorContext,
  { listens, webConfig, pathPrefix }: RoleSubject,
  path: string,
): Promise<unknown> {
  const [first] = listens;
  if (first === undefined || webConfig !== "") return undefined;
  const { host = "127.0.0.1", port } = first.address;
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  try {
    const answer = await network.get(`http://${name}:${port}${pathPrefix}/api/v1/${path}`, {
      client: defaultHttpClient,
      timeoutMs,
      maxBytes: MAX_BYTES,
    });
    return answer.status === 200 && !answer.isCut ? JSON.parse(new TextDecoder().decode(answer.body)) : undefined;
  } catch (error) {
    if (error instanceof ReachError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The value of a query that gives one; undefined where there is none. */
export async function askValue(context: DoctorContext, role: RoleSubject, query: string): Promise<number | undefined> {
  const answer = (await askServer(context, role, `query?query=${encodeURIComponent(query)}`)) as
    | { readonly data?: { readonly result?: readonly { readonly value?: readonly [number, string] }[] } }
    | undefined;
  const value = Number(answer?.data?.result?.[0]?.value?.[1]);
  return Number.isFinite(value) ? value : undefined;
}
