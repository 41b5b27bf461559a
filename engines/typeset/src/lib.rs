//! Turns a Typst template and its data into a PDF with open Chinese fonts; knows nothing of the application.
