import type { GroupCourse } from "@narthex/dashboards";
import { classesOf } from "../../shell/style-sheet.ts";
import styles from "./WhatChanged.module.css";

const css = classesOf(styles);

const WIDTH = 160;
const HEIGHT = 36;
const PAD = 2;

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly min: number;
  readonly max: number;
}

const lineOf = ({ times, values }: GroupCourse, { from, to, min, max }: Bounds): string => {
  const x = (time: number): number => ((time - from) / Math.max(1, to - from)) * WIDTH;
  const y = (value: number): number =>
    max > min ? HEIGHT - PAD - ((value - min) / (max - min)) * (HEIGHT - 2 * PAD) : HEIGHT / 2;
  return times.map((time, at) => `${at === 0 ? "M" : "L"}${x(time).toFixed(1)} ${y(values[at]!).toFixed(1)}`).join("");
};

/**
 * Draws the values of both time ranges on one scale; the earlier line is dashed. Hidden from screen readers, because
 * the numbers are next to it.
 */
export function ChangeChart({
  before,
  after,
  range,
  shiftMs,
}: {
  before: GroupCourse;
  after: GroupCourse;
  /** Current range, epoch ms. */
  range: { readonly from: number; readonly to: number };
  shiftMs: number;
}) {
  const moved = { ...before, times: before.times.map((time) => time + shiftMs) };
  const values = [...moved.values, ...after.values];
  // The scale includes zero, so that small fluctuations do not look like large changes.
  const bounds = {
    ...range,
    min: values.reduce((a, b) => Math.min(a, b), 0),
    max: values.reduce((a, b) => Math.max(a, b), 0),
  };
  return (
    <svg className={css("picture")} width={WIDTH} height={HEIGHT} aria-hidden="true" data-testid="change-picture">
      <path className={css("before")} d={lineOf(moved, bounds)} fill="none" />
      <path className={css("after")} d={lineOf(after, bounds)} fill="none" />
    </svg>
  );
}
