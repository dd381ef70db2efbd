"""DCAT read by somebody else's library, without a look at how it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import CSVW, DCAT, DCTERMS, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

DCATAP = Namespace("http://data.europa.eu/r5r/")
OWN = Namespace("urn:rightsizer:terms:")
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
PERIODS = {
    "CONT": "realtime",
    "DAILY": "daily",
    "WEEKLY": "weekly",
    "MONTHLY": "monthly",
    "QUARTERLY": "quarterly",
    "ANNUAL_2": "halfyearly",
    "ANNUAL": "yearly",
    "OTHER": "other",
}
OPENING = {"PUBLIC": "unconditional", "RESTRICTED": "conditional"}


def read_back(graph: Graph) -> list[dict[str, Any]]:
    """The datasets by their codes."""
    found = [of_dataset(graph, node) for node in graph.objects(None, DCAT.dataset)]
    return sorted(found, key=lambda one: str(one["code"]))


def text(graph: Graph, node: Node | None, term: URIRef) -> str | None:
    value = graph.value(node, term)
    return None if value is None else str(value)


def coded(value: str | None, place: str, codes: dict[str, str]) -> str | None:
    return None if value is None else codes[value.removeprefix(place)]


def of_dataset(graph: Graph, node: Node) -> dict[str, Any]:
    distribution = graph.value(node, DCAT.distribution)
    return {
        "code": text(graph, node, DCTERMS.identifier),
        "title": text(graph, node, DCTERMS.title),
        "abstract": text(graph, node, DCTERMS.description),
        "publisher": text(graph, graph.value(node, DCTERMS.publisher), DCTERMS.identifier),
        "theme": text(graph, graph.value(node, DCAT.theme), SKOS.notation),
        "issued": text(graph, node, DCTERMS.issued),
        "modified": text(graph, node, DCTERMS.modified),
        "period": coded(text(graph, node, DCTERMS.accrualPeriodicity), FREQUENCY, PERIODS),
        "open_type": coded(text(graph, node, DCTERMS.accessRights), ACCESS, OPENING),
        "open_condition": text(graph, graph.value(node, DCTERMS.rights), RDFS.label),
        "share_type": text(graph, node, OWN.shareType),
        "distribution": (
            text(graph, distribution, DCTERMS["format"]),
            text(graph, distribution, DCAT.accessURL),
        ),
        "items": columns(graph, node),
        "basis": sorted(
            (str(graph.value(law, DCTERMS.title)), str(graph.value(law, OWN.article)))
            for law in graph.objects(node, DCATAP.applicableLegislation)
        ),
        "related": sorted(
            str(graph.value(other, DCTERMS.identifier)) for other in graph.objects(node, DCTERMS.relation)
        ),
    }


def columns(graph: Graph, node: Node) -> list[tuple[str | None, str | None, str | None]]:
    schema = graph.value(node, CSVW.tableSchema)
    start = graph.value(schema, CSVW.column)
    if schema is None or start is None:
        return []
    assert (schema, RDF.type, CSVW.Schema) in graph
    return [
        (text(graph, one, CSVW.name), text(graph, one, OWN.dataType), text(graph, one, OWN.length))
        for one in Collection(graph, start)
    ]
