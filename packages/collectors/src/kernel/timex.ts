import { defineCollector } from "../collector.ts";
import { counter, gauge } from "../metric.ts";
import { timexReader } from "./clock-discipline.ts";

/** Status bit: offset and jitter are in nanoseconds. */
const STA_NANO = 0x2000;
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;
/** Divisor of frequencies, which are in parts per million with a 16-bit fraction. */
const PPM_16 = 65536e6;

/** Exports the state of the kernel's clock from adjtimex(2), which is called without changing anything. */
export const timex = defineCollector({
  name: "timex",
  enabled: true,
  metrics: {
    offset: gauge("node_timex_offset_seconds", "Time offset in between local system and reference clock."),
    frequency: gauge("node_timex_frequency_adjustment_ratio", "Local clock frequency adjustment."),
    maxError: gauge("node_timex_maxerror_seconds", "Maximum error in seconds."),
    estimatedError: gauge("node_timex_estimated_error_seconds", "Estimated error in seconds."),
    status: gauge("node_timex_status", "Value of the status array bits."),
    constant: gauge("node_timex_loop_time_constant", "Phase-locked loop time constant."),
    tick: gauge("node_timex_tick_seconds", "Seconds between clock ticks."),
    ppsFrequency: gauge("node_timex_pps_frequency_hertz", "Pulse per second frequency."),
    ppsJitter: gauge("node_timex_pps_jitter_seconds", "Pulse per second jitter."),
    ppsShift: gauge("node_timex_pps_shift_seconds", "Pulse per second interval duration."),
    ppsStability: gauge(
      "node_timex_pps_stability_hertz",
      "Pulse per second stability, average of recent frequency changes.",
    ),
    ppsJitterCount: counter("node_timex_pps_jitter_total", "Pulse per second count of jitter limit exceeded events."),
    ppsCalibration: counter("node_timex_pps_calibration_total", "Pulse per second count of calibration intervals."),
    ppsErrors: counter("node_timex_pps_error_total", "Pulse per second count of calibration errors."),
    ppsStabilityExceeded: counter(
      "node_timex_pps_stability_exceeded_total",
      "Pulse per second count of stability limit exceeded events.",
    ),
    tai: gauge("node_timex_tai_offset_seconds", "International Atomic Time (TAI) offset."),
    sync: gauge("node_timex_sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no)."),
  },
  open() {
    const read = timexReader();
    return async (_files, emit) => {
      const { isSynchronized, long, int } = await read();
      const divisor = Math.floor(int(40) / STA_NANO) % 2 === 1 ? NANOSECONDS : MICROSECONDS;
      emit.sync(isSynchronized ? 1 : 0);
      emit.offset(long(8) / divisor);
      emit.frequency(1 + long(16) / PPM_16);
      emit.maxError(long(24) / MICROSECONDS);
      emit.estimatedError(long(32) / MICROSECONDS);
      emit.status(int(40));
      emit.constant(long(48));
      emit.tick(long(88) / MICROSECONDS);
      emit.ppsFrequency(long(96) / PPM_16);
      emit.ppsJitter(long(104) / divisor);
      emit.ppsShift(int(112));
      emit.ppsStability(long(120) / PPM_16);
      emit.ppsJitterCount(long(128));
      emit.ppsCalibration(long(136));
      emit.ppsErrors(long(144));
      emit.ppsStabilityExceeded(long(152));
      emit.tai(int(160));
    };
  },
});
