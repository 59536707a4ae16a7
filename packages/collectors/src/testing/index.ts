export { type BusAnswer, type BusCall, messageBus, variant } from "./message-bus.ts";
export { type NtpPacket, ntpServer, ntpTime } from "./ntp-server.ts";
export { systemdAnswers, type SystemdOnBus, type UnitOnBus } from "./systemd-on-bus.ts";
