"""The report of a month, as DOCX, XLSX and HTML."""
