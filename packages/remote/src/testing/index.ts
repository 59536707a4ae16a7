export { type OtlpObject, writeOtlpRequest } from "./otlp-message.ts";
