/** Line charts as SVG: logarithmic axes, direct labels, no dependency, readable on light and dark pages. */

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
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
}

const WIDTH = 720;
const HEIGHT = 400;
const MARGIN = { left: 76, right: 168, top: 64, bottom: 52 };
/** Okabe–Ito colours, told apart with any colour vision. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];

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

/** The chart as a standalone SVG document. Values must be positive. */
export function renderChart(chart: Chart): string {
  const points = chart.series.flatMap((series) => series.points);
  const xMarks = ticks(
    points.map(({ x }) => x),
    2,
  );
  const yMarks = ticks(
    points.map(({ y }) => y),
    10,
  );
  const x = scale(xMarks, MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(yMarks, HEIGHT - MARGIN.bottom, MARGIN.top);
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeXml(chart.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="16" font-weight="600" fill="#111827">${escapeXml(chart.title)}</text>`,
    `<text x="16" y="45" fill="#4b5563">${escapeXml(chart.subtitle)}</text>`,
  ];
  for (const mark of yMarks) {
    parts.push(
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(mark).toFixed(1)}" y2="${y(mark).toFixed(1)}" stroke="#e5e7eb"/>`,
      `<text x="${MARGIN.left - 8}" y="${(y(mark) + 4).toFixed(1)}" text-anchor="end" fill="#374151">${escapeXml(chart.formatY(mark))}</text>`,
    );
  }
  for (const mark of xMarks) {
    parts.push(
      `<text x="${x(mark).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle" fill="#374151">${mark}</text>`,
    );
  }
  parts.push(
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle" fill="#374151">${escapeXml(chart.xLabel)}</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#374151">${escapeXml(chart.yLabel)}</text>`,
  );
  for (const [i, series] of chart.series.entries()) {
    const colour = COLOURS[i % COLOURS.length] as string;
    const sorted = [...series.points].sort((a, b) => a.x - b.x);
    const path = sorted
      .map((p, j) => `${j === 0 ? 'M' : 'L'}${x(p.x).toFixed(1)} ${y(p.y).toFixed(1)}`)
      .join(' ');
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>`);
    for (const p of sorted)
      parts.push(`<circle cx="${x(p.x).toFixed(1)}" cy="${y(p.y).toFixed(1)}" r="3.5" fill="${colour}"/>`);
    const last = sorted.at(-1);
    if (last) {
      parts.push(
        `<text x="${(x(last.x) + 10).toFixed(1)}" y="${(y(last.y) + 4).toFixed(1)}" fill="${colour}" font-weight="600">${escapeXml(series.name)}</text>`,
      );
    }
  }
  return `${parts.join('\n')}\n</svg>\n`;
}
