import { expect, test } from "vitest";
import { withKernelTexts } from "../testing/fake-context.ts";
import { isMountedReadOnly } from "./mounts.ts";

const MOUNTS = [
  "overlay / overlay rw,relatime 0 0",
  "tmpfs /run/secrets tmpfs ro,relatime 0 0",
  "tmpfs /run/secrets/more tmpfs rw 0 0",
  "/dev/sdb /a\\040b ext4 ro 0 0",
  "/dev/sdc /twice ext4 ro 0 0",
  "/dev/sdd /twice ext4 rw 0 0",
  "",
].join("\n");

test.each([
  ["/run/secrets/password", true],
  ["/run/secrets", true],
  ["/run/secrets-of-mine", false],
  ["/run/secrets/more/x", false],
  ["/a b/c", true],
  ["/twice/x", false],
  ["/etc/x", false],
])("isMountedReadOnly(%j)", async (path, isReadOnly) =>
  expect(await isMountedReadOnly(withKernelTexts({ "/proc/self/mounts": MOUNTS }), path)).toBe(isReadOnly),
);

test("no path counts as mounted read-only if the list of mounts cannot be read", async () =>
  expect(await isMountedReadOnly(withKernelTexts({}), "/x")).toBe(false));
