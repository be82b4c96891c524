/**
 * Graphs as Mermaid (https://mermaid.js.org/syntax/flowchart.html) and DOT (https://graphviz.org/doc/info/lang.html).
 *
 * @module
 */
import type { Graph, GraphNode } from './graph-model.ts';

/** A Mermaid flowchart. */
export function toMermaid(graph: Graph): string {
  const ids = new Map(graph.nodes.map(({ name }, index) => [name, `n${String(index)}`]));
  const id = (name: string): string => ids.get(name) ?? 'unknown';
  return [
    'flowchart TD',
    ...graph.nodes.map((node) => `  ${id(node.name)}${mermaidShape(node)}`),
    ...graph.edges.map(({ from, to }) => `  ${id(from)} --> ${id(to)}`),
    '',
  ].join('\n');
}

function mermaidShape(node: GraphNode): string {
  const text = `"${mermaidText(node.name)}<br/><small>${mermaidText(node.label)}</small>"`;
  if (node.kind === 'join') return `((${text}))`;
  if (node.kind === 'group' && !node.hasCondition) return `[[${text}]]`;
  return node.hasCondition ? `{{${text}}}` : `[${text}]`;
}

/** Entities instead of what ends a label or makes HTML of it. */
function mermaidText(text: string): string {
  return text
    .replaceAll('#', '#35;')
    .replaceAll('&', '#amp;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;');
}

/** A DOT digraph. */
export function toDot(graph: Graph): string {
  return [
    `digraph ${dotText(graph.title)} {`,
    '  rankdir=TB;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ...graph.nodes.map(
      (node) => `  ${dotText(node.name)} [label=${dotText(`${node.name}\n${node.label}`)}${dotShape(node)}];`,
    ),
    ...graph.edges.map(({ from, to }) => `  ${dotText(from)} -> ${dotText(to)};`),
    '}',
    '',
  ].join('\n');
}

function dotShape(node: GraphNode): string {
  if (node.kind === 'join') return ', shape=ellipse';
  if (node.kind === 'group' && !node.hasCondition) return ', peripheries=2';
  return node.hasCondition ? ', shape=hexagon' : '';
}

function dotText(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
