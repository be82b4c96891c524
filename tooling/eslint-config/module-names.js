/**
 * Every way in which a TypeScript file can name a module, for a lint rule. Knows syntax, not which imports are allowed.
 *
 * @module
 */

const mockCalls = new Set(['mock', 'doMock', 'unmock', 'doUnmock', 'importActual', 'importMock']);

/** @returns {string | undefined} the name of a property that is written without computing it */
function propertyName(node) {
  if (node.type !== 'MemberExpression') return undefined;
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  return node.property.type === 'Literal' ? String(node.property.value) : undefined;
}

const isImportMeta = (node) => node?.type === 'MetaProperty' && node.meta.name === 'import';

/**
 * The text of a node that names a module.
 *
 * @returns {string | undefined} undefined when it is not a literal
 */
export function literalText(node) {
  if (node?.type === 'TSLiteralType') return literalText(node.literal);
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

/**
 * ESLint listeners that report each name.
 *
 * @param sourceCode the file's SourceCode
 * @param {(node: object, kind: 'module' | 'file') => void} found gets the node that holds the name; `file` names are
 *   URLs relative to the file
 * @param {(node: object) => void} hidden gets the nodes that load modules in a way nobody can follow
 */
export function moduleNameListeners(sourceCode, found, hidden) {
  const module = (node) => {
    if (node) found(node, 'module');
  };

  /** `require` itself: called, asked to resolve, read for its cache; anything else would hide a load. */
  function followRequire(node) {
    const parent = node.parent;
    if (parent.type === 'CallExpression' && parent.callee === node) {
      if (parent.arguments[0]) module(parent.arguments[0]);
    } else if (parent.type === 'VariableDeclarator' && parent.init === node && parent.id.type === 'Identifier') {
      followVariables(parent, followRequire);
    } else if (propertyName(parent) === 'resolve') {
      followRequire(parent);
    } else if (!['cache', 'main'].includes(propertyName(parent))) {
      hidden(node);
    }
  }

  function followCreateRequire(node) {
    if (node.parent.type === 'CallExpression' && node.parent.callee === node) followRequire(node.parent);
    else hidden(node);
  }

  function followVariables(declaration, follow) {
    for (const variable of sourceCode.getDeclaredVariables(declaration)) {
      for (const { identifier, init } of variable.references) if (init !== true) follow(identifier);
    }
  }

  return {
    Program(program) {
      for (const comment of sourceCode.getAllComments()) {
        const reference = /^\/\s*<reference\s+(path|types)\s*=\s*["']([^"']+)["']/.exec(comment.value);
        if (reference === null) continue;
        const [, kind, value] = reference;
        found({ type: 'Literal', value, loc: comment.loc }, kind === 'path' ? 'file' : 'module');
      }
      const globalScope = sourceCode.getScope(program);
      for (const { identifier } of globalScope.through) if (identifier.name === 'require') followRequire(identifier);
      const declared = globalScope.set.get('require');
      if (declared?.defs.length === 0) for (const { identifier } of declared.references) followRequire(identifier);
    },
    ImportDeclaration: (node) => {
      module(node.source);
    },
    ImportSpecifier(node) {
      if ((node.imported.name ?? node.imported.value) === 'createRequire') followVariables(node, followCreateRequire);
    },
    ExportNamedDeclaration: (node) => {
      module(node.source);
    },
    ExportAllDeclaration: (node) => {
      module(node.source);
    },
    ImportExpression: (node) => {
      module(node.source);
    },
    TSImportType: (node) => {
      module(node.source ?? node.argument);
    },
    TSExternalModuleReference: (node) => {
      module(node.expression);
    },
    TSModuleDeclaration(node) {
      if (node.id.type === 'Literal') module(node.id);
    },
    MemberExpression(node) {
      const name = propertyName(node);
      if (name === 'createRequire') followCreateRequire(node);
      if (name === 'resolve' && isImportMeta(node.object)) followRequire(node);
    },
    CallExpression(node) {
      const {
        callee,
        arguments: [first],
      } = node;
      const isMock =
        callee.type === 'MemberExpression' && callee.object.name === 'vi' && mockCalls.has(propertyName(callee));
      if (isMock && literalText(first) !== undefined) module(first);
    },
    NewExpression(node) {
      const [first, second] = node.arguments;
      const isOwnUrl = second !== undefined && propertyName(second) === 'url' && isImportMeta(second.object);
      if (node.callee.name === 'URL' && isOwnUrl) found(first, 'file');
    },
  };
}
