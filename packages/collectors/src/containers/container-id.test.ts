import { expect, test } from "vitest";
import { ownerOf } from "./container-id.ts";

const ID = "0123456789abcdef".repeat(4);
const UID = "01234567-89ab-cdef-0123-456789abcdef";
const SLICED = UID.replaceAll("-", "_");

test.each([
  [`/docker/${ID}`, ID, undefined],
  [`/system.slice/docker-${ID}.scope`, ID, undefined],
  [`/machine.slice/libpod-${ID}.scope`, ID, undefined],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, ID, undefined],
  [`/libpod_parent/libpod-${ID}`, ID, undefined],
  [`/machine.slice/libpod-conmon-${ID}.scope`, undefined, undefined],
  [`/kubepods/burstable/pod${UID}/${ID}`, ID, UID],
  [`/kubepods/pod${UID}`, undefined, UID],
  [`/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${SLICED}.slice`, undefined, UID],
  [`/kubepods.slice/kubepods-pod${SLICED}.slice/cri-containerd-${ID}.scope`, ID, UID],
  [`/kubepods.slice/kubepods-pod${SLICED}.slice/crio-${ID}.scope`, ID, UID],
  [`/kubepods.slice/kubepods-pod${SLICED}.slice/crio-conmon-${ID}.scope`, undefined, UID],
  [`/kubepods/besteffort/pod${"ab".repeat(16)}/${ID}`, ID, "ab".repeat(16)],
  [`/system.slice/containerd.service/kubepods-burstable-pod${SLICED}.slice:cri-containerd:${ID}`, ID, UID],
  ["/", undefined, undefined],
  ["/system.slice/ssh.service", undefined, undefined],
  [`/docker/${ID}/system.slice`, undefined, undefined],
])("%s", (path, containerId, podUid) => {
  expect(ownerOf(path)).toEqual({ containerId, podUid });
});
