import json
from dataclasses import fields
from pathlib import Path
from unittest import TestCase

from kvaspire import Entry, Outcome, Revision, Share, Usage
from kvaspire.op import Check, Operation

root = Path(__file__).resolve().parents[3]


class SchemaAlone(TestCase):
    def test_the_types_have_the_members_that_the_openapi_document_says(self):
        schemas = json.loads((root / "docs/openapi/v1.json").read_text("utf-8"))["components"]["schemas"]
        for kind, schema in [
            (Entry, "ListedEntry"), (Revision, "Change"), (Outcome, "Outcome"), (Share, "Share"), (Usage, "OwnerUsage"),
        ]:
            self.assertEqual({field.name for field in fields(kind)}, set(schemas[schema]["properties"]), schema)
        operation = schemas["BulkRequest"]["properties"]["operations"]["items"]
        self.assertEqual((Operation.__optional_keys__ | Operation.__required_keys__), set(operation["properties"]))
        check = schemas["TransactionRequest"]["properties"]["checks"]["items"]
        self.assertEqual((Check.__optional_keys__ | Check.__required_keys__), set(check["properties"]))
