import { expect, test } from "vitest";
import { Destinations } from "./destinations.ts";

const refusal = (url: string, rules = {}): string => {
  try {
    new Destinations(rules).check(new URL(url));
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

test("only listed hosts may be queried; if no port is given, only on the default port of their scheme", () => {
  const hosts = ["Prom:9090", "plain", "secure:443", "10.0.0.1:80"];
  for (const url of ["http://prom:9090/x", "http://plain", "https://secure", "https://plain", "http://10.0.0.1"])
    expect(refusal(url, { hosts })).toBe("");
  for (const url of ["http://prom", "http://secure", "http://other", "http://plain:81", "http://10.0.0.1:8080"])
    expect(refusal(url, { hosts })).toBe("Data proxy hostname and IP are not included in whitelist");
});

test("link-local addresses can be allowed, but addresses that reach no other machine are always refused", () => {
  for (const url of ["http://169.254.1.1", "http://[fd00:ec2::254]", "http://100.100.100.200"]) {
    expect(refusal(url)).toContain("refused");
    expect(refusal(url, { allowsLinkLocal: true })).toBe("");
  }
  for (const url of ["http://0.0.0.0:9090", "http://224.0.0.1", "http://[::]"])
    expect(refusal(url, { allowsLinkLocal: true })).toContain("refused");
  for (const url of ["http://127.0.0.1", "http://10.1.2.3", "http://[::1]", "http://[fd00::1]", "http://192.168.0.1"])
    expect(refusal(url)).toBe("");
  expect(refusal("ftp://a")).toContain("http or https");
});

test("host names are checked by the addresses to which they resolve", async () => {
  const resolved = (rules: ConstructorParameters<typeof Destinations>[0], name: string) =>
    new Promise((resolve) =>
      new Destinations(rules).lookup(name, { all: true }, (error, addresses) => resolve(error ?? addresses)),
    );
  // Resolves an IP address, which needs no DNS query.
  expect(await resolved({}, "169.254.169.254")).toMatchObject({ name: "QueryFailure", status: 403 });
  expect(await resolved({ allowsLinkLocal: true }, "169.254.169.254")).toEqual([
    { address: "169.254.169.254", family: 4 },
  ]);
  expect(await resolved({}, "127.0.0.1")).toEqual([{ address: "127.0.0.1", family: 4 }]);
});

test("with a proxy, a host name is refused if any of its addresses is refused", async () => {
  const names: Readonly<Record<string, readonly string[]>> = {
    "metadata.example": ["10.0.0.1", "169.254.169.254"],
    "near.example": ["10.0.0.1"],
  };
  const lookup = ((name: string, _: unknown, done: (error: Error | null, addresses: readonly object[]) => void) => {
    const found = names[name];
    if (found === undefined) done(new Error("ENOTFOUND"), []);
    else
      done(
        null,
        found.map((address) => ({ address, family: 4 })),
      );
  }) as never;
  const check = (name: string, rules = {}): Promise<void> =>
    new Destinations(rules, lookup).checkAddresses(new URL(`http://${name}/`));
  await expect(check("metadata.example")).rejects.toMatchObject({ name: "QueryFailure", status: 403 });
  await check("metadata.example", { allowsLinkLocal: true });
  await check("near.example");
  await check("known-to-the-proxy.example");
});
