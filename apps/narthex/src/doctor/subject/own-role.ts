import type { RoleSubject, Subject } from "./subject.ts";

const OWN_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Returns the server of this stack that listens at a URL. Undefined if the URL belongs to another service. */
export function ownRoleAt({ roles }: Subject, url: string): RoleSubject | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  if (!OWN_HOSTS.has(hostname)) return undefined;
  return roles.find(({ listens }) => listens.some(({ address }) => String(address.port) === port));
}
