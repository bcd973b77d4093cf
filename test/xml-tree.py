# Parses XML documents with a parser that is not of this project, and gives their trees as JSON: a list in, a list out.
import json
import sys
from xml.etree import ElementTree


def tree(node):
    return [node.tag, dict(node.attrib), node.text or "", [tree(child) for child in node]]


json.dump([tree(ElementTree.fromstring(text)) for text in json.load(sys.stdin)], sys.stdout)
