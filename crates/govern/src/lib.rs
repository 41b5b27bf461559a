//! Plans (工作计划) and regulations (规章制度) of the units (R-GOV-1, Rule 4).
