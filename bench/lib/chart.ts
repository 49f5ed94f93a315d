/** Line charts as SVG: logarithmic axes, direct labels, no dependency, readable on light and dark pages. */

import { crossovers, type Point } from './crossover.ts';
import { spreadLabels } from './label-layout.ts';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Whether it is marked where it crosses others. Default: true. */
  readonly crosses?: boolean;
}

/** What a chart shows. */
export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Text of a value on the y axis. */
  readonly formatY: (value: number) => string;
  /** How powers of two stand on the x axis: as numbers (default) or as 2ᵏ. */
  readonly xMarks?: 'numbers' | 'powers';
  /** Whether to mark where lines cross. */
  readonly crossovers?: boolean;
}

const WIDTH = 800;
const HEIGHT = 450;
/** On the right there is room for names of some 25 letters, even in a wide font. */
const MARGIN = { left: 72, right: 212, top: 92, bottom: 56 };
const RIGHT = WIDTH - MARGIN.right;
const BOTTOM = HEIGHT - MARGIN.bottom;
const LABEL_GAP = 17;

/** Okabe–Ito colours, told apart with any colour vision; the second of each pair is lighter, for dark pages. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ['#0072b2', '#56b4e9'],
  ['#d55e00', '#ff8c42'],
  ['#009e73', '#2fd1a3'],
  ['#b8578f', '#e39ac4'],
  ['#a87400', '#f0b429'],
];

/** Colours by what they are for, on light and on dark pages. */
const STYLE = `<style>
.page{fill:#ffffff}.strong{fill:#111827}.text{fill:#4b5563}.grid{stroke:#e5e7eb}.axis{stroke:#9ca3af}
.halo{paint-order:stroke;stroke:#ffffff;stroke-width:4px;stroke-linejoin:round}.ring{fill:#ffffff;stroke:#111827}
${COLOURS.map(([light], i) => `.f${i}{fill:${light}}.s${i}{stroke:${light}}`).join('')}
@media (prefers-color-scheme:dark){
.page{fill:#0f172a}.strong{fill:#f1f5f9}.text{fill:#cbd5e1}.grid{stroke:#273449}.axis{stroke:#64748b}
.halo{stroke:#0f172a}.ring{fill:#0f172a;stroke:#f1f5f9}
${COLOURS.map(([, dark], i) => `.f${i}{fill:${dark}}.s${i}{stroke:${dark}}`).join('')}
}
</style>`;

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Powers of `base` that cover the values. */
function ticks(values: readonly number[], base: number): number[] {
  const low = Math.floor(Math.log(Math.min(...values)) / Math.log(base) + 1e-9);
  const high = Math.ceil(Math.log(Math.max(...values)) / Math.log(base) - 1e-9);
  return Array.from({ length: Math.max(high - low, 1) + 1 }, (_, i) => base ** (low + i));
}

function scale(marks: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(marks[0] as number), Math.log(marks.at(-1) as number)];
  return (value) => from + ((Math.log(value) - low) / (high - low)) * (to - from);
}

interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly more?: string;
}

/** A text element; `content` is XML already. */
function text(x: number, y: number, style: string, content: string, options: TextOptions = {}): string {
  const { anchor = 'start', more = '' } = options;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${style}" text-anchor="${anchor}"${more}>${content}</text>`;
}

/** A power of two with its exponent raised; tspans instead of superscript characters, which many fonts lack. */
function power(value: number): string {
  return `2<tspan dy="-5" font-size="9">${Math.log2(value)}</tspan>`;
}

/** An estimate read off a chart: two digits. */
function rough(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en-US');
}

type Scale = (value: number) => number;

function axes(
  chart: Chart,
  xMarks: readonly number[],
  yMarks: readonly number[],
  x: Scale,
  y: Scale,
): string[] {
  return [
    ...yMarks.flatMap((mark) => [
      `<line x1="${MARGIN.left}" x2="${RIGHT}" y1="${y(mark).toFixed(1)}" y2="${y(mark).toFixed(1)}" class="grid"/>`,
      text(MARGIN.left - 10, y(mark) + 4, 'text', escapeXml(chart.formatY(mark)), { anchor: 'end' }),
    ]),
    `<line x1="${MARGIN.left}" x2="${RIGHT}" y1="${BOTTOM}" y2="${BOTTOM}" class="axis"/>`,
    ...xMarks.flatMap((mark) => [
      `<line x1="${x(mark).toFixed(1)}" x2="${x(mark).toFixed(1)}" y1="${BOTTOM}" y2="${BOTTOM + 5}" class="axis"/>`,
      text(x(mark), BOTTOM + 21, 'text', chart.xMarks === 'powers' ? power(mark) : String(mark), {
        anchor: 'middle',
      }),
    ]),
    text((MARGIN.left + RIGHT) / 2, HEIGHT - 12, 'text', escapeXml(chart.xLabel), { anchor: 'middle' }),
    text(MARGIN.left - 10, MARGIN.top - 16, 'text', escapeXml(chart.yLabel), { anchor: 'end' }),
  ];
}

/** Names beside the ends of lines: in the right margin, moved apart, or at the end of a line that stops early. */
function labels(lines: readonly { points: readonly Point[]; name: string }[], x: Scale, y: Scale): string[] {
  const ends = lines.map(({ points }) => points.at(-1) as Point);
  const last = Math.max(...ends.map((end) => end.x));
  const whole = lines.flatMap((_, i) => ((ends[i] as Point).x === last ? [i] : []));
  const places = spreadLabels(
    whole.map((i) => y((ends[i] as Point).y)),
    LABEL_GAP,
    MARGIN.top,
    BOTTOM,
  );
  return lines.map(({ name }, i) => {
    const end = ends[i] as Point;
    const place = places[whole.indexOf(i)];
    const style = `f${i % COLOURS.length}`;
    if (place === undefined) {
      return text(x(end.x), y(end.y) - 11, `${style} halo`, escapeXml(name), {
        anchor: x(end.x) > (MARGIN.left + RIGHT) / 2 ? 'end' : 'middle',
        more: ' font-weight="600"',
      });
    }
    const leader = `<line x1="${(x(end.x) + 6).toFixed(1)}" y1="${y(end.y).toFixed(1)}" x2="${(x(end.x) + 16).toFixed(1)}" y2="${place.toFixed(1)}" class="s${i % COLOURS.length}"/>`;
    const label = text(x(end.x) + 20, place + 4, style, escapeXml(name), { more: ' font-weight="600"' });
    return `${Math.abs(place - y(end.y)) > 4 ? leader : ''}${label}`;
  });
}

/** A ring on each crossing of two lines, with the size at which it is. */
function crossings(series: readonly Series[], x: Scale, y: Scale): string[] {
  const found = series.flatMap((a, i) => series.slice(i + 1).flatMap((b) => crossovers(a.points, b.points)));
  return found.map((point) =>
    [
      `<circle cx="${x(point.x).toFixed(1)}" cy="${y(point.y).toFixed(1)}" r="7" class="ring" stroke-width="1.5" fill-opacity="0"/>`,
      text(x(point.x) + 11, y(point.y) + 16, 'strong halo', `n ≈ ${rough(point.x)}`, {
        more: ' font-size="11"',
      }),
    ].join(''),
  );
}

/** The chart as a standalone SVG document. Values must be positive. */
export function renderChart(chart: Chart): string {
  const lines = chart.series
    .filter(({ points }) => points.length > 0)
    .map((line) => ({ ...line, points: [...line.points].sort((a, b) => a.x - b.x) }));
  const points = lines.flatMap((line) => line.points);
  const xMarks = ticks(
    points.map((point) => point.x),
    2,
  );
  const yMarks = ticks(
    points.map((point) => point.y),
    10,
  );
  const x = scale(xMarks, MARGIN.left, RIGHT);
  const y = scale(yMarks, BOTTOM, MARGIN.top);
  const drawn = lines.map((line, i) => {
    const colour = i % COLOURS.length;
    const path = line.points
      .map((p, j) => `${j === 0 ? 'M' : 'L'}${x(p.x).toFixed(1)} ${y(p.y).toFixed(1)}`)
      .join(' ');
    const dots = line.points.map(
      (p) => `<circle cx="${x(p.x).toFixed(1)}" cy="${y(p.y).toFixed(1)}" r="3.5" class="f${colour}"/>`,
    );
    return `<path d="${path}" fill="none" class="s${colour}" stroke-width="2.5" stroke-linejoin="round"/>${dots.join('')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12">`,
    `<title>${escapeXml(chart.title)}</title>`,
    STYLE,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" class="page"/>`,
    text(16, 27, 'strong', escapeXml(chart.title), { more: ' font-size="16" font-weight="600"' }),
    text(
      16,
      47,
      'text',
      escapeXml(chart.crossovers ? `${chart.subtitle}; rings: where lines cross` : chart.subtitle),
    ),
    ...axes(chart, xMarks, yMarks, x, y),
    ...drawn,
    ...(chart.crossovers
      ? crossings(
          lines.filter(({ crosses = true }) => crosses),
          x,
          y,
        )
      : []),
    ...labels(lines, x, y),
    '</svg>',
    '',
  ].join('\n');
}
