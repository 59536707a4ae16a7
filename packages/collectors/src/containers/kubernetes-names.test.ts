import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostTree } from "../testing/host-tree.ts";
import { KubernetesNames } from "./kubernetes-names.ts";

test("pods that are gone are forgotten when a new pod appears", () => {
  using host = hostTree({ "root/var/log/pods/shop_web_1/app/0.log": "" });
  const names = new KubernetesNames(host.rootfs);
  const scrape = (uid: string): string | undefined => {
    names.begin(new Set(["c"]));
    return names.about(uid, undefined)?.pod;
  };
  expect(scrape("1")).toBe("web");
  rmSync(join(host.folder, "root/var/log/pods/shop_web_1"), { recursive: true });
  host.write("root/var/log/pods/shop_db_2/app/0.log", "");
  expect([scrape("2"), scrape("1")]).toEqual(["db", undefined]);
});
