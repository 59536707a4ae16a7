/** The end of an edge: the centre and radius of its node. */
export interface EdgeEnd {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** The drawing of an edge: its line, its arrow, and the place of its label. */
export interface EdgePath {
  readonly line: string;
  readonly arrow: string;
  readonly label: readonly [x: number, y: number];
}

const ARROW = 9;

/**
 * Returns the path of an edge from the border of one node to the border of another.
 * @param bend distance of the middle from the straight line, so that edges in both directions do not overlap
 */
export function edgePath(from: EdgeEnd, to: EdgeEnd, bend: number): EdgePath {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length < 1) return loopPath(from);
  const middle = [(from.x + to.x) / 2 - (dy / length) * bend, (from.y + to.y) / 2 + (dx / length) * bend] as const;
  const start = towards(from, middle, from.radius + 4);
  const tip = towards(to, middle, to.radius + 5);
  const end = towards(to, middle, to.radius + 5 + ARROW);
  return {
    line: `M${point(start)}Q${point(middle)} ${point(end)}`,
    arrow: arrowAt(tip, end),
    label: [(middle[0] + (start[0] + end[0]) / 2) / 2, (middle[1] + (start[1] + end[1]) / 2) / 2],
  };
}

/** The path of an edge whose ends are the same node: a loop above the node. */
function loopPath({ x, y, radius }: EdgeEnd): EdgePath {
  const [start, end] = [
    [x - radius * 0.5, y - radius],
    [x + radius * 0.5, y - radius - ARROW],
  ] as const;
  return {
    line: `M${point(start)}C${point([x - radius, y - radius * 2.2])} ${point([x + radius, y - radius * 2.2])} ${point(end)}`,
    arrow: arrowAt([x + radius * 0.5, y - radius], end),
    label: [x, y - radius * 2],
  };
}

type Point = readonly [x: number, y: number];

const point = ([x, y]: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

function towards({ x, y }: EdgeEnd, [toX, toY]: Point, distance: number): Point {
  const length = Math.max(1, Math.hypot(toX - x, toY - y));
  return [x + ((toX - x) / length) * distance, y + ((toY - y) / length) * distance];
}

function arrowAt(tip: Point, base: Point): string {
  const [dx, dy] = [(tip[0] - base[0]) / 2, (tip[1] - base[1]) / 2];
  return `M${point(tip)}L${point([base[0] - dy, base[1] + dx])}L${point([base[0] + dy, base[1] - dx])}Z`;
}
