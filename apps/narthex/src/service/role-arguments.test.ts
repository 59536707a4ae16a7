import { testHost } from "@narthex/runtime/testing";
import { describe, expect, test } from "vitest";
import { checkArguments, RoleArguments } from "./role-arguments.ts";
import { SERVICE_ROLES } from "./roles.ts";

describe("RoleArguments", () => {
  const args = new RoleArguments([
    "--a=1",
    "--a",
    "2",
    "-b=3",
    '--c=":9091"',
    "cfg:server.http_port=4",
    "--cluster.peer=x",
  ]);

  test("finds flags in all notations", () => {
    expect(args.values("a")).toEqual(["1", "2"]);
    expect([args.value("b"), args.value("c"), args.value("d")]).toEqual(["3", ":9091", undefined]);
    expect(args.setting("server.http_port")).toBe("4");
    expect([args.hasAny("cluster."), args.hasAny("log.")]).toEqual([true, false]);
  });

  test("withDefaults() adds missing flags at the beginning", () => {
    expect(args.withDefaults(["--a=0", "--e=5", "--f="]).words.slice(0, 3)).toEqual(["--e=5", "--f=", "--a=1"]);
  });
});

describe("checkArguments()", () => {
  const check = async (role: string, ...words: readonly string[]) => {
    const found = SERVICE_ROLES.find((one) => one.role === role)!;
    return checkArguments(await found.load(), testHost([]), words);
  };

  test.each(SERVICE_ROLES.map(({ role }) => [role]))("takes no arguments at all for %s", async (role) => {
    expect(await check(role)).toEqual({ kind: "good", text: "" });
  });

  test.each([
    ["server", ["--storage.tsdb.pth=/x"], "did you mean '--storage.tsdb.path'?"],
    ["server", ["extra"], "unexpected extra"],
    ["alertmanager", ["--config.file"], "expected argument for flag '--config.file'"],
    ["cadvisor", ["-port=many"], "many"],
    ["dashboards", ["--nope"], "unknown long flag '--nope'"],
  ])("hands on the words of %s for %j", async (role, words, said) => {
    expect(await check(role, ...words)).toEqual({ kind: "refused", text: expect.stringContaining(said) as string });
  });

  test("accepts Grafana's own arguments for dashboards, and cAdvisor's for cadvisor", async () => {
    expect((await check("dashboards", "cfg:server.http_port=3001")).kind).toBe("good");
    expect((await check("cadvisor", "-port=8081", "--docker_only")).kind).toBe("good");
  });

  test("returns the role's help", async () => {
    expect(await check("pushgateway", "--help")).toEqual({
      kind: "help",
      text: expect.stringContaining("--persistence.file") as string,
    });
  });
});
