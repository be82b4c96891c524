/**
 * Graphs as pictures: boxes in layers, for a terminal and as SVG.
 *
 * @module
 */
import type { Graph, GraphNode } from './graph-model.ts';

function layersOf(graph: Graph): GraphNode[][] {
  const layers: GraphNode[][] = [];
  for (const node of graph.nodes) (layers[node.layer] ??= []).push(node);
  return layers;
}

/**
 * A drawing of boxes, layer under layer, with what each waits for.
 *
 * @param width columns that it may take; a layer that needs more goes on below. Default: as many as it needs
 */
export function toAscii(graph: Graph, width: number = Infinity): string {
  const layers = layersOf(graph);
  const before = new Map<string, string[]>();
  for (const { from, to } of graph.edges) before.set(to, [...(before.get(to) ?? []), from]);
  const lines: string[] = [];
  for (const [index, layer] of layers.entries()) {
    const boxes = layer.map((node) => boxOf(node, before.get(node.name) ?? []));
    for (const row of rowsOf(boxes, width)) lines.push(...besideEachOther(row));
    if (index < layers.length - 1) lines.push('     │', '     ▼');
  }
  return `${lines.join('\n')}\n`;
}

type Box = readonly string[];

function rowsOf(boxes: readonly Box[], width: number): Box[][] {
  const rows: Box[][] = [];
  let used = Infinity;
  for (const box of boxes) {
    const needed = widthOf(box[0] ?? '');
    if (used + 2 + needed > width || rows.length === 0) {
      rows.push([]);
      used = -2;
    }
    rows.at(-1)?.push(box);
    used += 2 + needed;
  }
  return rows;
}

function besideEachOther(boxes: readonly Box[]): string[] {
  const height = Math.max(...boxes.map((box) => box.length));
  return Array.from({ length: height }, (_, row) =>
    boxes
      .map((box) => box[row] ?? ' '.repeat(widthOf(box[0] ?? '')))
      .join('  ')
      .trimEnd(),
  );
}

function boxOf(node: GraphNode, waitsFor: readonly string[]): Box {
  const content = [
    `${node.hasCondition ? '? ' : ''}${node.name}`,
    node.label,
    ...(waitsFor.length === 0 ? [] : [`◂ ${waitsFor.join(', ')}`]),
  ].map((line) => (line.length > 40 ? `${line.slice(0, 39)}…` : line));
  const width = Math.max(...content.map(widthOf));
  return [
    `┌${'─'.repeat(width + 2)}┐`,
    ...content.map((line) => `│ ${line}${' '.repeat(width - widthOf(line))} │`),
    `└${'─'.repeat(width + 2)}┘`,
  ];
}

/** Cells of a terminal; wide letters are rare in names, so each code unit counts as one. */
function widthOf(text: string): number {
  return text.length;
}

const boxWidth = 190;
const boxHeight = 46;
const gapX = 30;
const gapY = 44;
const margin = 20;

/** An SVG picture that needs no font or script. */
export function toSvg(graph: Graph): string {
  const layers = layersOf(graph);
  const widest = Math.max(...layers.map((layer) => layer.length));
  const width = widest * (boxWidth + gapX) - gapX + 2 * margin;
  const height = layers.length * (boxHeight + gapY) - gapY + 2 * margin;
  const places = new Map<string, { readonly x: number; readonly y: number }>();
  for (const [row, layer] of layers.entries()) {
    const left = (width - (layer.length * (boxWidth + gapX) - gapX)) / 2;
    for (const [column, node] of layer.entries()) {
      places.set(node.name, { x: left + column * (boxWidth + gapX), y: margin + row * (boxHeight + gapY) });
    }
  }
  const lines = graph.edges.flatMap(({ from, to }) => {
    const [start, end] = [places.get(from), places.get(to)];
    return start === undefined || end === undefined ? [] : [edgePath(start, end)];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" font-family="sans-serif">`,
    `<title>${escapeXml(graph.title)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#64748b"/></marker></defs>',
    ...lines,
    ...graph.nodes.map((node) => boxSvg(node, places.get(node.name) ?? { x: 0, y: 0 })),
    '</svg>',
    '',
  ].join('\n');
}

function edgePath(
  start: { readonly x: number; readonly y: number },
  end: { readonly x: number; readonly y: number },
): string {
  const [x1, y1, x2, y2] = [start.x + boxWidth / 2, start.y + boxHeight, end.x + boxWidth / 2, end.y];
  const bend = (y2 - y1) / 2;
  return `<path d="M${String(x1)} ${String(y1)}C${String(x1)} ${String(y1 + bend)} ${String(x2)} ${String(y2 - bend)} ${String(x2)} ${String(y2)}" fill="none" stroke="#64748b" marker-end="url(#arrow)"/>`;
}

function boxSvg(node: GraphNode, { x, y }: { readonly x: number; readonly y: number }): string {
  const stroke = node.hasCondition ? '#d97706' : node.kind === 'component' ? '#2563eb' : '#7c3aed';
  const text = (content: string, offset: number, style: string): string =>
    `<text x="${String(x + boxWidth / 2)}" y="${String(y + offset)}" text-anchor="middle" ${style}>${escapeXml(content.length > 28 ? `${content.slice(0, 27)}…` : content)}</text>`;
  return [
    `<rect x="${String(x)}" y="${String(y)}" width="${String(boxWidth)}" height="${String(boxHeight)}" rx="8" fill="#fff" stroke="${stroke}"/>`,
    text(node.name, 20, 'font-size="13" font-weight="600" fill="#0f172a"'),
    text(node.label, 36, 'font-size="11" fill="#475569"'),
  ].join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
